"""Messages that are posted once."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from engine.models.delivery import SlackMessage
from engine.models.post import Post


class Posts(Protocol):
    """Posts on their way. Claiming is atomic, so several senders may run."""

    async def insert_post(self, tenant_id: str, post: Post) -> Post:
        """Put a message on its way and return it; one that is there already under this id is returned as it is."""
        ...

    async def claim_due(
        self, now: datetime, lease_seconds: float, without: Collection[str] = (), *, by_mail: bool = False
    ) -> tuple[str, Post] | None:
        """Take the (tenant id, post) that is due longest, or one whose sender died; ``without`` these tenants'.

        Of those that go ``by_mail``, or of those that go to Slack.

        It is returned as it was, but with the number of this claim.
        """
        ...

    async def is_behind(self, tenant_id: str, post: Post) -> bool:
        """Whether an older reply is still to come in the same thread."""
        ...

    async def save_post(self, tenant_id: str, post: Post) -> bool:
        """Write what the sender found out, and release the claim.

        Nothing is written, and False returned, when somebody else has claimed it since. Raises NotFound.
        """
        ...

    async def find_post(self, tenant_id: str, post_id: str) -> Post | None:
        """The post, or None when there never was one, or long ago."""
        ...

    async def find_stuck(self, tenant_id: str) -> list[Post]:
        """Posts that are dead, in doubt, or failed at least once and not yet sent, oldest first."""
        ...

    async def hasten_waiting(self, tenant_id: str, now: datetime) -> None:
        """Let what failed before, and waits for another try, be tried at once."""
        ...

    async def requeue_dead(self, tenant_id: str, now: datetime) -> int:
        """Make dead posts pending again (the channel or token works again); return how many."""
        ...


class Poster(Protocol):
    """Slack, or a mail server, outbound."""

    async def post(self, tenant_id: str, post: Post) -> SlackMessage: ...

    async def repaint(self, tenant_id: str, post: Post) -> None:
        """Draw a post that stands in Slack anew; Rejected when it stands there no more."""
        ...

    async def find(self, tenant_id: str, post: Post, since: datetime) -> SlackMessage | None:
        """Look for the post where it would stand; AccessDenied when the scope for that was not granted."""
        ...

    async def delete(self, tenant_id: str, message: SlackMessage) -> None:
        """Take a message away that stands there twice."""
        ...
