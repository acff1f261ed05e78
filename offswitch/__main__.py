"""`python -m offswitch` is the same as `offswitch`."""

from offswitch.cli import main

main()
