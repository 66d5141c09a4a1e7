"""What isn't the data plane: the management API and GraphQL, one module for each resource.

application   which path goes where, and who may use it
answers       the envelopes, all of them        asking   what a request says
"""

from gateway.local.management.application import management

__all__ = ["management"]
