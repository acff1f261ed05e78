"""Decides who may enter and which effect may happen now. Pure, but for the permit's look at the switch."""
