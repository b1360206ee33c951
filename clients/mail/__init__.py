"""E-mail, outbound: the only place that imports aiosmtplib."""
