# One image for `dd0c serve`, `dd0c worker` and every other command. docs/deploy-self-hosted.md and
# docs/deploy-cloud.md say how it is run; `make check-infra` runs its steps without a container engine.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1
WORKDIR /src
COPY requirements.txt requirements-build.txt ./
RUN python -m venv /opt/build && \
    /opt/build/bin/pip install --quiet --require-hashes -r requirements-build.txt
RUN python -m venv /opt/dd0c && \
    /opt/dd0c/bin/pip install --quiet --require-hashes -r requirements.txt
COPY LICENSE NOTICE README.md flags.json manifest.yml pyproject.toml ./
COPY bench bench
COPY blocks blocks
COPY bot bot
COPY clients clients
COPY demo demo
COPY engine engine
COPY handlers handlers
COPY scheduler scheduler
COPY services services
COPY store store
RUN /opt/build/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /wheels . && \
    /opt/dd0c/bin/pip install --quiet --no-deps --no-index /wheels/*.whl && \
    /opt/dd0c/bin/pip uninstall --quiet --yes pip setuptools && \
    mkdir -p /var/lib/dd0c

FROM python:3.11-slim-bookworm
# Nothing is written but to DD0C_DATA_DIR and /tmp, so the root file system can be read-only. A worker tells its health
# at the port at which `dd0c serve` listens, so that one check fits both.
ENV PATH=/opt/dd0c/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DD0C_DATA_DIR=/var/lib/dd0c \
    DD0C_HOST=0.0.0.0 \
    DD0C_PORT=8080 \
    DD0C_HEALTH_PORT=8080
COPY --from=build /opt/dd0c /opt/dd0c
COPY --from=build --chown=10001:10001 /var/lib/dd0c /var/lib/dd0c
COPY infra/healthcheck.py /opt/dd0c/healthcheck.py
# A number, because whoever runs the image can then prove that it is not root.
USER 10001:10001
WORKDIR /var/lib/dd0c
VOLUME ["/var/lib/dd0c", "/tmp"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "/opt/dd0c/healthcheck.py"]
ENTRYPOINT ["dd0c"]
CMD ["serve"]
