"""How property tests run here."""

from hypothesis import settings

# A slow machine is no failure of a property.
settings.register_profile("core", deadline=None)
settings.load_profile("core")
