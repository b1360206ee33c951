"""What the app may do in Slack. The manifest and the installation ask for the same."""

# Posting and updating cards; `/dd0c`; the install dialog's choice of a channel.
REQUIRED = ("chat:write", "commands", "incoming-webhook")
PUBLIC_CHANNELS = "chat:write.public"
# Who leaves these out misses what docs/settings.md says of each, and nothing else.
OPTIONAL = (
    PUBLIC_CHANNELS,
    "channels:read",
    "groups:read",
    "users:read",
    "users:read.email",
    "channels:history",
    "groups:history",
)
# Who somebody is that signs in on the web. Installing the app never asks for these.
SIGN_IN = ("openid", "profile", "email")
