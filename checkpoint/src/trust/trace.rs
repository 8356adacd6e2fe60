//! What happened to one code, layer by layer.
//!
//! Verifying and explaining are one walk: `brief` ends at the first fault, `thorough` writes each fault down and goes on
//! as far as the next layer still has something to look at. Only a walk without a fault ends in a credential.

use crate::verdict::Reason;

/// The layers, in the order of the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// The scheme's prefix.
    Prefix,
    /// Letters to bytes: base45 (HC1), base32 (NZ COVID Pass), pairs of digits (SMART Health Card).
    Letters,
    /// Inflated (HC1; SMART Health Card, whose signed envelope comes before).
    Inflate,
    /// The signed envelope: COSE_Sign1 or compact JWS.
    Structure,
    /// There is a trust list, and it is fresh enough.
    TrustList,
    /// The signer's certificate is by an authority of the list (VDS-NC).
    Chain,
    /// Signed by a key of the list, or by that of a certificate that came with the code.
    Signature,
    /// The signed claims can be read.
    Content,
    /// The claims follow the scheme's schema.
    Schema,
    /// The key may sign this kind of statement for this issuer.
    KeyUse,
    /// Signed while the key was valid.
    KeyWindow,
    /// Valid now.
    Validity,
    /// Not taken back.
    Revocation,
}

impl Layer {
    /// Every layer, in the order of the walk.
    pub const ALL: [Self; 13] = [
        Self::Prefix,
        Self::Letters,
        Self::Inflate,
        Self::Structure,
        Self::TrustList,
        Self::Chain,
        Self::Signature,
        Self::Content,
        Self::Schema,
        Self::KeyUse,
        Self::KeyWindow,
        Self::Validity,
        Self::Revocation,
    ];

    /// The message's name in the message files, after `layer-`, and the name in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prefix => "prefix",
            Self::Letters => "letters",
            Self::Inflate => "inflate",
            Self::Structure => "structure",
            Self::TrustList => "trust-list",
            Self::Chain => "chain",
            Self::Signature => "signature",
            Self::Content => "content",
            Self::Schema => "schema",
            Self::KeyUse => "key-use",
            Self::KeyWindow => "key-window",
            Self::Validity => "validity",
            Self::Revocation => "revocation",
        }
    }
}

/// One layer's result.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Which layer.
    pub layer: Layer,
    /// Passed, or why not.
    pub result: Result<(), Reason>,
}

/// The walk of one code.
pub(crate) struct Trace {
    steps: Option<Vec<Step>>,
    fault: Option<Reason>,
}

impl Trace {
    /// Ends at the first fault and writes nothing down.
    pub(crate) fn brief() -> Self {
        Self { steps: None, fault: None }
    }

    /// Writes everything down and goes on where it can.
    pub(crate) fn thorough() -> Self {
        Self { steps: Some(Vec::new()), fault: None }
    }

    /// A layer without which nothing more can be said. The error is the walk's first fault.
    pub(crate) fn need<T>(&mut self, layer: Layer, result: Result<T, Reason>) -> Result<T, Reason> {
        self.note(layer, result.as_ref().err());
        result.map_err(|reason| self.fault.clone().unwrap_or(reason))
    }

    /// A layer that others do not build on. `Ok(None)`: it failed, and a thorough walk goes on.
    pub(crate) fn judge<T>(&mut self, layer: Layer, result: Result<T, Reason>) -> Result<Option<T>, Reason> {
        self.note(layer, result.as_ref().err());
        match result {
            Ok(value) => Ok(Some(value)),
            Err(_) if self.steps.is_some() => Ok(None),
            Err(reason) => Err(reason),
        }
    }

    fn note(&mut self, layer: Layer, fault: Option<&Reason>) {
        if self.fault.is_none() {
            self.fault = fault.cloned();
        }
        if let Some(steps) = &mut self.steps {
            steps.push(Step { layer, result: fault.cloned().map_or(Ok(()), Err) });
        }
    }

    /// The first fault, if there was one.
    pub(crate) fn verdict(&self) -> Result<(), Reason> {
        self.fault.clone().map_or(Ok(()), Err)
    }

    pub(crate) fn is_thorough(&self) -> bool {
        self.steps.is_some()
    }

    pub(crate) fn into_steps(self) -> Vec<Step> {
        self.steps.unwrap_or_default()
    }
}
