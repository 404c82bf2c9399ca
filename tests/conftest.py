"""Settings of the whole suite."""

from hypothesis import settings

# No test asserts wall-clock time: on a busy machine a slow example would fail, and pass when it is tried again.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
