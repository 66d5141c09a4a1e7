"""Policies: who may ask which models, and for how much (contract: behaviour, 6).

policy       one policy as the management API takes it
conditions   its condition and its actor's fields, in CEL
identity     whom a request speaks for
evaluation   all policies and one request -> block, no-limit or the budgets to check
periods      hours, days, weeks and months, in UTC
policies     one gateway's policies in a call's way
"""

from gateway.local.policies.identity import identity_of
from gateway.local.policies.policies import Policies
from gateway.local.policies.policy import BadPolicy, Policy

__all__ = ["BadPolicy", "Policies", "Policy", "identity_of"]
