"""Settings: from configuration files and the command line, with every mistake in them told in one line."""

from lossadvisor.config.errors import ConfigError
from lossadvisor.config.loading import load_settings
from lossadvisor.config.settings import OUTPUT_FORMATS, Layer, Settings

__all__ = ["OUTPUT_FORMATS", "ConfigError", "Layer", "Settings", "load_settings"]
