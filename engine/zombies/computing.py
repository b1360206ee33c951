"""Containers, functions, models and jobs."""

from engine.zombies.models import Confidence, Idle, Need
from engine.zombies.rule import Look, Rule, standing, unused

SERVICE_CPU = Need(
    name="service_cpu", namespace="AWS/ECS", metric="CPUUtilization", statistic="Maximum", quiet="service_cpu_percent"
)
UTILIZATION = Need(
    name="utilization",
    namespace="AWS/Lambda",
    metric="ProvisionedConcurrencyInvocations",
    statistic="Sum",
    is_sparse=True,
)
INVOCATIONS = Need(name="invocations", namespace="AWS/SageMaker", metric="Invocations", statistic="Sum", is_sparse=True)
PROMPTS = Need(name="prompts", namespace="AWS/Bedrock", metric="Invocations", statistic="Sum", is_sparse=True)
IS_BUSY = Need(name="is_busy", namespace="AWS/ElasticMapReduce", metric="AppsRunning", statistic="Maximum")


def judge_ecs_cluster(look: Look) -> Idle | None:
    """A cluster whose instances stand ready and run no task.

    >>> from engine.zombies.examples import look_at
    >>> look_at("ecs_cluster", numbers={"instances": 2, "tasks": 0}, judge=judge_ecs_cluster).evidence
    ('2 container instances, which cost, and not one task; they have to go before their cluster',)
    """
    instances, tasks = (look.resource.numbers.get(name, 0) for name in ("instances", "tasks"))
    if not instances or tasks:
        return None
    text = f"{instances:.0f} container instances, which cost, and not one task; they have to go before their cluster"
    return Idle(evidence=(text,), confidence=Confidence.MEDIUM)


def judge_ecs_service(look: Look) -> Idle | None:
    """A service whose tasks compute nothing.

    >>> from engine.zombies.examples import look_at
    >>> look_at("ecs_service", service_cpu=(0.4,) * 30, numbers={"tasks": 2}, judge=judge_ecs_service).evidence
    ('2 tasks, CPU never above 5% for 30 days',)
    """
    tasks = look.resource.numbers.get("tasks", 0)
    if not tasks:
        return None
    saying = f"{tasks:.0f} tasks, CPU never above {look.limits.service_cpu_percent:g}% for {{days}} days"
    return unused(look, look.limits.service_days, saying, SERVICE_CPU, confidence=Confidence.LOW)


def judge_eks(look: Look) -> Idle | None:
    """A control plane without anything to control.

    >>> from engine.zombies.examples import look_at
    >>> look_at("eks", numbers={"groups": 0, "profiles": 0, "instances": 0}, judge=judge_eks).evidence
    ('no node group, no Fargate profile and no instance that belongs to it',)
    """
    if any(look.resource.numbers.values()) or "auto_mode" in look.resource.traits:
        return None
    if not look.resource.numbers or not look.was_born_before(look.limits.grace_days):
        return None
    text = "no node group, no Fargate profile and no instance that belongs to it"
    return Idle(evidence=(text,), confidence=Confidence.HIGH)


def judge_function(look: Look) -> Idle | None:
    """Provisioned concurrency that nobody calls.

    >>> from engine.zombies.examples import look_at
    >>> look_at("concurrency", numbers={"provisioned": 10}, utilization=(None,) * 7, judge=judge_function).evidence
    ('10 provisioned, none of them called for 7 days',)
    """
    count = look.resource.numbers.get("provisioned", 0)
    return unused(
        look, look.limits.function_days, f"{count:g} provisioned, none of them called for {{days}} days", UTILIZATION
    )


def judge_endpoint(look: Look) -> Idle | None:
    """A model endpoint that nobody asks.

    >>> from engine.zombies.examples import look_at
    >>> look_at("model_endpoint", invocations=(None,) * 14, judge=judge_endpoint).evidence
    ('0 invocations for 14 days',)
    """
    return unused(look, look.limits.model_days, "0 invocations for {days} days", INVOCATIONS)


def judge_throughput(look: Look) -> Idle | None:
    """Provisioned throughput of a model that nobody prompts.

    >>> from engine.zombies.examples import look_at
    >>> look_at("throughput", prompts=(None,) * 20, judge=judge_throughput).evidence
    ('0 invocations for 20 days',)
    """
    return unused(look, look.limits.model_days, "0 invocations for {days} days", PROMPTS)


def judge_notebook(look: Look) -> Idle | None:
    """A notebook that runs since long ago; AWS counts nothing of what is done in it.

    >>> from engine.zombies.examples import look_at
    >>> look_at("notebook", days_in_state=20, judge=judge_notebook).evidence
    ('in service for 20 days without being stopped or changed',)
    """
    if "running" not in look.resource.traits:
        return None
    saying = "in service for {days} days without being stopped or changed"
    return standing(look, look.limits.notebook_days, saying, confidence=Confidence.LOW)


def judge_emr(look: Look) -> Idle | None:
    """A cluster of EMR that waits for work.

    >>> from engine.zombies.examples import look_at
    >>> look_at("emr", traits=("waiting",), is_busy=(0.0,) * 2, judge=judge_emr).evidence
    ('no application ran for 2 days',)
    """
    if "waiting" not in look.resource.traits:
        return None
    return unused(look, look.limits.emr_days, "no application ran for {days} days", IS_BUSY)


RULES: tuple[Rule, ...] = (
    Rule(
        name="ecs_cluster_empty",
        kind="ecs_cluster",
        title="ECS cluster without tasks",
        source="Compute Optimizer",
        threshold="container instances, and no task",
        judge=judge_ecs_cluster,
        # AWS deletes no cluster that has instances, and which these are its description does not tell.
        commands=("ecs list-container-instances --cluster {id}", "ecs delete-cluster --cluster {id}"),
    ),
    Rule(
        name="ecs_service_low",
        kind="ecs_service",
        title="ECS service that computes nothing",
        source="thrifty",
        threshold="CPU at most {service_cpu_percent:g}%, {service_days} days",
        judge=judge_ecs_service,
        needs=(SERVICE_CPU,),
        commands=("ecs update-service --cluster {cluster} --service {name} --desired-count 0",),
    ),
    Rule(
        name="eks_without_nodes",
        kind="eks",
        title="EKS cluster without nodes",
        source="thrifty",
        threshold="nothing to run on, {grace_days} d old at least",
        judge=judge_eks,
        # There is nothing to scale down, and a control plane cannot be stopped.
        commands=("eks delete-cluster --name {id}",),
    ),
    Rule(
        name="concurrency_unused",
        kind="concurrency",
        title="unused provisioned concurrency",
        source="Trusted Advisor",
        threshold="not called, {function_days} days",
        judge=judge_function,
        needs=(UTILIZATION,),
        commands=("lambda delete-provisioned-concurrency-config --function-name {name} --qualifier {qualifier}",),
    ),
    Rule(
        name="model_endpoint_unused",
        kind="model_endpoint",
        title="unused SageMaker endpoint",
        source="Compute Optimizer",
        threshold="0 invocations, {model_days} days",
        judge=judge_endpoint,
        needs=(INVOCATIONS,),
        commands=("sagemaker delete-endpoint --endpoint-name {id}",),
        is_birth=True,
    ),
    Rule(
        name="throughput_unused",
        kind="throughput",
        title="unused Bedrock throughput",
        source="Trusted Advisor",
        threshold="0 invocations, {model_days} days",
        judge=judge_throughput,
        needs=(PROMPTS,),
        commands=("bedrock delete-provisioned-model-throughput --provisioned-model-id {arn}",),
        is_birth=True,
    ),
    Rule(
        name="notebook_standing",
        kind="notebook",
        title="SageMaker notebook left on",
        source="Compute Optimizer",
        threshold="in service, {notebook_days} days",
        judge=judge_notebook,
        commands=("sagemaker stop-notebook-instance --notebook-instance-name {id}",),
    ),
    Rule(
        name="emr_waiting",
        kind="emr",
        title="idle EMR cluster",
        source="thrifty",
        threshold="waiting, and no application ran for {emr_days} day",
        judge=judge_emr,
        needs=(IS_BUSY,),
        # Who still needs it has an hour to take the policy away. Releases before 5.30 know none.
        commands=(
            "emr put-auto-termination-policy --cluster-id {id} --auto-termination-policy IdleTimeout=3600",
            "emr terminate-clusters --cluster-ids {id}",
        ),
    ),
)
