from __future__ import annotations

from hypothesis import settings

settings.register_profile("offswitch", deadline=None, print_blob=True)  # a shared machine is slow at times
settings.load_profile("offswitch")
