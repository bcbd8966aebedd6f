"""The embedded sample warehouse: a made-up season with the real slate of 2026-01-18."""


