//! What is read of a certificate.

use std::time::{SystemTime, UNIX_EPOCH};

use qwebsocket::{ErrorKind, TlsCertificate};
use rcgen::{Certificate, DistinguishedName, DnType, DnValue, KeyPair, date_time_ymd};

use super::params;

/// The certificate of somebody with this name.
fn certificate(name: DistinguishedName) -> Certificate {
    let mut params = params(&["localhost"]);
    params.distinguished_name = name;
    params.not_before = date_time_ymd(1999, 12, 31);
    params.not_after = date_time_ymd(2050, 1, 1);
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap()
}

fn named(values: &[(DnType, &str)]) -> Certificate {
    let mut name = DistinguishedName::new();
    for (kind, value) in values {
        name.push(kind.clone(), DnValue::Utf8String((*value).to_owned()));
    }
    certificate(name)
}

fn read(certificate: &Certificate) -> TlsCertificate {
    TlsCertificate::from_der(certificate.der()).unwrap()
}

/// RFC 4514 §2.
#[test]
fn names_are_written_as_the_rfc_has_them() {
    use DnType::{CommonName, CountryName, OrganizationName, OrganizationalUnitName};

    let domain_component = DnType::CustomDnType(vec![0, 9, 2342, 19200300, 100, 1, 25]);
    let unknown = DnType::CustomDnType(vec![1, 3, 6, 1, 4, 1, 1466, 0]);
    for (values, text) in [
        (&[][..], ""),
        (
            &[
                (CountryName, "DE"),
                (OrganizationName, "Ex"),
                (CommonName, "x"),
            ],
            "CN=x,O=Ex,C=DE",
        ),
        (
            &[(CommonName, "a, b+c\"d\\e<f>g;h")],
            r#"CN=a\, b\+c\"d\\e\<f\>g\;h"#,
        ),
        (&[(CommonName, "#1")], r"CN=\#1"),
        (&[(CommonName, "1#")], "CN=1#"),
        (&[(OrganizationalUnitName, "  ä  ")], r"OU=\  ä \ "),
        (&[(CommonName, " ")], r"CN=\ "),
        (&[(CommonName, "before\rafter\0")], r"CN=before\0dafter\00"),
        (&[(domain_component, "net")], "DC=net"),
        (&[(unknown, "Hi")], "1.3.6.1.4.1.1466.0=#0c024869"),
    ] {
        let certificate = read(&named(values));
        assert_eq!((certificate.subject(), certificate.issuer()), (text, text));
    }
    let mut name = DistinguishedName::new();
    name.push(CommonName, DnValue::BmpString("x".try_into().unwrap()));
    assert_eq!(read(&certificate(name)).subject(), "2.5.4.3=#1e020078");
}

/// RFC 5280 §4.1.2.5: years up to 2049 have two digits.
#[test]
fn both_forms_of_a_time_are_read() {
    let seconds = |time: Option<SystemTime>| time.unwrap().duration_since(UNIX_EPOCH).unwrap();
    let certificate = read(&named(&[]));
    assert_eq!(seconds(certificate.not_before()).as_secs(), 946_598_400);
    assert_eq!(seconds(certificate.not_after()).as_secs(), 2_524_608_000);
}

#[test]
fn what_is_cut_off_or_too_long_is_refused() {
    let mut der = named(&[(DnType::CommonName, "x")]).der().to_vec();
    let refused = |der: &[u8]| {
        let error = TlsCertificate::from_der(der).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    };
    for end in 0..der.len() {
        refused(&der[..end]);
    }
    der.push(0);
    refused(&der);
}

/// A peer writes its certificate as it likes.
#[test]
fn no_bit_of_a_certificate_makes_it_panic() {
    let der = named(&[(DnType::CommonName, "x")]).der().to_vec();
    for index in 0..der.len() * 8 {
        let mut changed = der.clone();
        changed[index / 8] ^= 1 << (index % 8);
        if let Ok(certificate) = TlsCertificate::from_der(&changed) {
            assert_eq!(certificate.der(), changed);
        }
    }
}

#[test]
fn the_first_certificate_of_a_text_counts() {
    let [first, second] = ["a", "b"].map(|name| named(&[(DnType::CommonName, name)]));
    let text = format!("of a\n{}{}", first.pem(), second.pem());
    let certificate = TlsCertificate::from_pem(text.as_bytes()).unwrap();
    assert_eq!(certificate.der(), &**first.der());
    let error = TlsCertificate::from_pem(b"no certificate").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
