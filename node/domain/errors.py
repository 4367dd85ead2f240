"""The base of all that reckoning refuses; each concept has its branch beside its code."""


class DomainError(Exception):
    """Base of `node.domain`: NotAllowedError (kind), AllocationError, MilestoneError…"""
