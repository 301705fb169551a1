//! What is printed on the device: labels, leaflets, tokens, the register and the month's bundle, as PDF.
