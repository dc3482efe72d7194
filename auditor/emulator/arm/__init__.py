"""The emulated Azure Resource Manager (ARM)."""
