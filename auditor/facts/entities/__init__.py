"""Facts about single accounts, applications and projects, independent of any rule."""
