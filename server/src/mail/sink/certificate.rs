//! A certificate for `localhost`, made anew each time: the demonstration's mail server encrypts like a real one.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// A certificate and its key, each in DER.
pub struct Certificate {
    pub der: Vec<u8>,
    /// PKCS #8.
    pub key: Vec<u8>,
}

impl Certificate {
    /// Signed by itself, for `localhost` and this machine's own address, from 2020 to 2049.
    pub fn for_this_machine() -> Result<Self, Unspecified> {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key.as_ref())
            .map_err(|_| Unspecified)?;
        let body = body(pair.public_key().as_ref());
        let signature = pair.sign(&random, &body)?;
        let der = der(0x30, &[&body, &ecdsa_with_sha256(), &bits(signature.as_ref())]);
        Ok(Self { der, key: key.as_ref().to_vec() })
    }

    /// As mail programs are told whom to trust.
    pub fn pem(&self) -> String {
        let text = STANDARD.encode(&self.der);
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).filter_map(|line| std::str::from_utf8(line).ok()).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }
}

/// What is signed (RFC 5280, TBSCertificate).
fn body(public_key: &[u8]) -> Vec<u8> {
    // 2.5.4.3, common name.
    let attribute = der(0x30, &[&[0x06, 3, 0x55, 4, 3], &der(0x0c, &[b"localhost"])]);
    let name = der(0x30, &[&der(0x31, &[&attribute])]);
    let validity = der(0x30, &[&der(0x17, &[b"200101000000Z"]), &der(0x17, &[b"491231235959Z"])]);
    // 1.2.840.10045.2.1 on 1.2.840.10045.3.1.7: a key on P-256.
    let kind = der(
        0x30,
        &[&[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]],
    );
    let key = der(0x30, &[&kind, &bits(public_key)]);
    // 2.5.29.17, the names it is for: [2] a host, [7] an address.
    let hosts = der(0x30, &[&der(0x82, &[b"localhost"]), &der(0x87, &[&[127, 0, 0, 1]])]);
    let names = der(0x30, &[&[0x06, 3, 0x55, 0x1d, 17], &der(0x04, &[&hosts])]);
    der(
        0x30,
        &[
            // [0] version 3, serial number 1.
            &[0xa0, 3, 2, 1, 2],
            &[2, 1, 1],
            &ecdsa_with_sha256(),
            &name,
            &validity,
            &name,
            &key,
            &der(0xa3, &[&der(0x30, &[&names])]),
        ],
    )
}

/// 1.2.840.10045.4.3.2.
fn ecdsa_with_sha256() -> Vec<u8> {
    der(0x30, &[&[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]])
}

fn bits(bytes: &[u8]) -> Vec<u8> {
    der(0x03, &[&[0], bytes])
}

/// Tag, length, contents.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        Ok(byte) => out.extend([0x81, byte]),
        Err(_) => out.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    out.extend(parts.iter().flat_map(|part| part.iter().copied()));
    out
}
