"""The few look-ups that span tenants, by name. No other folder reads tenants' data without a tenant."""

from store.system.customers import SystemCustomers
from store.system.findings import SystemFindings
from store.system.sending import SystemSending


class System(SystemCustomers, SystemFindings, SystemSending):
    """Questions of the installation as a whole."""
