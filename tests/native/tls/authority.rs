//! Certificates, made anew by each test.

use std::path::Path;
use std::{env, fs};

use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::x509::X509;
use qwebsocket::{TlsConfig, TlsIdentity};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, PublicKeyData, RevokedCertParams, SerialNumber,
    date_time_ymd,
};

/// Signs certificates.
pub(crate) struct Authority {
    /// Its own certificate, and those of the authorities above it up to the root's, left out.
    chain: String,
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// The files of a certificate and its key.
pub(crate) type Files = [String; 2];

/// A certificate, with those that lead to its root behind it, and its key, as PEM texts.
#[derive(Clone)]
pub(crate) struct Pem {
    pub(crate) chain: String,
    pub(crate) key: String,
}

/// The password of everything that has one.
pub(crate) const SECRET: &str = "open sesame";

impl Authority {
    pub(crate) fn new(name: &str) -> Authority {
        Authority::with(Authority::params(name))
    }

    /// A root with these parameters.
    pub(crate) fn with(params: CertificateParams) -> Authority {
        let key = KeyPair::generate().unwrap();
        Authority {
            chain: String::new(),
            certificate: params.self_signed(&key).unwrap(),
            issuer: Issuer::new(params, key),
        }
    }

    /// What [`new`](Self::new) makes a root of.
    pub(crate) fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, name);
        params
    }

    /// An authority below this one.
    pub(crate) fn below(&self, params: CertificateParams) -> Authority {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Authority {
            chain: certificate.pem() + &self.chain,
            certificate,
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate and its key.
    pub(crate) fn pem(&self, params: CertificateParams) -> Pem {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Pem {
            chain: certificate.pem() + &self.chain,
            key: key.serialize_pem(),
        }
    }

    /// The certificate of a key that somebody else made, and the key.
    pub(crate) fn of_key(&self, name: &str, key: &PKey<Private>) -> Pem {
        let key = key.private_key_to_pem_pkcs8().unwrap();
        let key = String::from_utf8(key).unwrap();
        let chain = self.sign(named(name, &[]), &KeyPair::from_pem(&key).unwrap());
        Pem { chain, key }
    }

    /// The certificate of this key.
    pub(crate) fn sign(&self, params: CertificateParams, key: &impl PublicKeyData) -> String {
        params.signed_by(key, &self.issuer).unwrap().pem()
    }

    pub(crate) fn issue(&self, test: &str, params: CertificateParams) -> Files {
        self.pem(params).files(test)
    }

    /// Its own certificate.
    pub(crate) fn root(&self) -> String {
        self.certificate.pem()
    }

    /// Trusts nobody else.
    pub(crate) fn trusted(&self) -> TlsConfig {
        let config = TlsConfig::new().system_roots(false);
        config.root_der(self.certificate.der().to_vec())
    }

    /// What it has revoked, good up to this year.
    pub(crate) fn revoked(&self, serials: &[u64], year: i32) -> String {
        let revoked = serials.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: date_time_ymd(2020, 1, 1),
            reason_code: None,
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2020, 1, 2),
            next_update: date_time_ymd(year, 1, 1),
            crl_number: SerialNumber::from(1),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).unwrap().pem().unwrap()
    }
}

impl Pem {
    /// A certificate that nobody else has signed, and its key.
    pub(crate) fn self_signed(params: CertificateParams) -> Pem {
        let key = KeyPair::generate().unwrap();
        Pem {
            chain: params.self_signed(&key).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    /// The same for a key that somebody else made.
    pub(crate) fn of_key(name: &str, key: &PKey<Private>) -> Pem {
        Authority::new(name).of_key(name, key)
    }

    /// Without what stands behind the certificate.
    pub(crate) fn alone(mut self) -> Pem {
        const END: &str = "-----END CERTIFICATE-----";
        let end = self.chain.find(END).unwrap() + END.len();
        self.chain.truncate(end);
        self.chain.push('\n');
        self
    }

    /// With one more certificate behind the others.
    pub(crate) fn and(mut self, certificate: &str) -> Pem {
        self.chain += certificate;
        self
    }

    pub(crate) fn identity(&self) -> TlsIdentity {
        TlsIdentity::pem(&*self.chain, &*self.key)
    }

    pub(crate) fn x509(&self) -> X509 {
        X509::from_pem(self.chain.as_bytes()).unwrap()
    }

    pub(crate) fn files(&self, test: &str) -> Files {
        [("certificate", &self.chain), ("key", &self.key)].map(|(kind, pem)| {
            let path = temporary(&format!("{test}.{kind}.pem"));
            fs::write(&path, pem).unwrap();
            path
        })
    }

    /// The same as PKCS#12, with the [secret](SECRET).
    pub(crate) fn pkcs12(&self) -> Vec<u8> {
        let key = PKey::private_key_from_pem(self.key.as_bytes()).unwrap();
        let mut archive = Pkcs12::builder();
        archive.pkey(&key).cert(&self.x509());
        archive.build2(SECRET).unwrap().to_der().unwrap()
    }
}

/// The path of a file that may be written.
pub(crate) fn temporary(name: &str) -> String {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
    dir.join(name).to_str().unwrap().to_owned()
}

pub(crate) fn params(names: &[&str]) -> CertificateParams {
    let names = names.iter().map(|name| name.to_string());
    CertificateParams::new(names.collect::<Vec<_>>()).unwrap()
}

/// The same with a common name.
pub(crate) fn named(name: &str, names: &[&str]) -> CertificateParams {
    let mut params = params(names);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
