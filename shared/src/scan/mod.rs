//! What a scanned code on a pack says (GS1).
