"""What isn't the data plane: the management API and GraphQL, one module for each resource.

application   which path goes where, and who may use it
asking        what a request says                 answers    the envelopes, all of them
gateways      settings                            logs       the log, with ``filters``
datasets      filters under a name                evaluations  what their rows come to
routes        dynamic routes, of ``elements``     addresses  base URLs, custom domains
provider_configs  stored keys                     custom_providers  the account's own
billing       Unified Billing                     local      ``/_local/``, which is ours
analytics     GraphQL, read by ``queries``          direct     simulated providers, no gateway
"""

from gateway.local.management.application import management

__all__ = ["management"]
