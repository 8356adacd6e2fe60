//! Measures readers of QR codes on a folder of pictures with known texts.
