"""Errors that a user of the tool chain can cause or has to act on; they are shown without a traceback."""


class ToolchainError(Exception):
    """Something went wrong; the message says where, what was found and what to do next."""
