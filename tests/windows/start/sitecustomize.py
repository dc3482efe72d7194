"""What Python runs first with this folder on its path: it shows Windows to migaudit's modules, also in its children."""

from tests.windows.view import show_windows

show_windows()
