//! Vaccines and the doses that complete their series: one table for every rule set that asks for a dose.

use serde::Deserialize;

use super::bounded_name;

/// Most products of one table.
const PRODUCTS_MAX: usize = 256;

/// Vaccines against one disease, as a file `assets/rules/*.vaccines.json` holds them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaccineTable {
    /// Name that rule sets use.
    pub id: String,
    /// Grows with every change. A rule set names the version too, so that its own version says which vaccines counted.
    pub version: u32,
    /// Where the table comes from, for people.
    pub source: String,
    /// Products that count.
    pub products: Vec<Product>,
}

/// A vaccine product.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Its code, as in HC1 `mp`.
    pub code: String,
    /// Its name, for people.
    pub name: String,
    /// Other names that stand on papers.
    #[serde(default)]
    pub also: Vec<String>,
    /// Doses that complete the series.
    pub doses: u32,
}

impl VaccineTable {
    /// Reads a table.
    ///
    /// # Errors
    /// What is wrong with it, with line and column, for the person who wrote it.
    pub fn parse(json: &str) -> Result<Self, String> {
        let table: Self = serde_json::from_str(json).map_err(|fault| fault.to_string())?;
        bounded_name(&table.id)?;
        let fault = |says: &str| Err(format!("vaccine table {}: {says}", table.id));
        if table.products.is_empty() {
            return fault("no product counts, so nobody could ever meet a rule set that uses it");
        }
        if table.products.len() > PRODUCTS_MAX {
            return fault("more than 256 products");
        }
        for (at, product) in table.products.iter().enumerate() {
            if product.doses == 0 {
                return fault(&format!("{} with 0 doses would admit everybody", product.code));
            }
            if table.products[..at].iter().any(|other| other.code == product.code) {
                return fault(&format!("{} stands there twice", product.code));
            }
        }
        Ok(table)
    }

    /// `id/version`, as rule sets name it.
    pub(super) fn name(&self) -> String {
        format!("{}/{}", self.id, self.version)
    }

    /// The same for a name as a guard types it from paper: at least three letters or digits of the beginning of a name, or a whole
    /// name; `None` where it is no product's, or of several that need different numbers of doses.
    pub(super) fn doses_of_name(&self, written: &str) -> Option<u32> {
        let written = folded(written);
        let is_meant = |name: &str| {
            let name = folded(name);
            !written.is_empty() && (name == written || (written.len() >= 3 && name.starts_with(&written)))
        };
        let meant = |product: &&Product| is_meant(&product.name) || product.also.iter().any(|name| is_meant(name));
        let mut doses = self.products.iter().filter(meant).map(|product| product.doses);
        let first = doses.next()?;
        doses.all(|other| other == first).then_some(first)
    }

    /// Doses that complete a product's series; `None` for a product that the table does not know.
    pub(super) fn doses_of(&self, code: &str) -> Option<u32> {
        self.products.iter().find(|product| product.code == code).map(|product| product.doses)
    }
}

/// Letters and digits alone, in capitals: people write "Vero-Cell" and "VeroCell".
fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|char| char.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_name_is_known_by_its_beginning_and_only_where_it_is_clear() {
        let table = VaccineTable::parse(include_str!("../../../assets/rules/covid-19.vaccines.json")).unwrap();
        for (written, doses) in [
            ("ASTRAZENECA", Some(2)),
            ("astra zeneca", Some(2)),
            ("AZ", Some(2)),
            ("PFIZER", Some(2)),
            ("VERO CELL", Some(2)),
            ("Vero-Cell", Some(2)),
            ("SPUTNIK V", Some(2)),
            ("JANSSEN", Some(1)),
            ("ABDALA", Some(3)),
            ("", None),
            ("A", None),
            ("CO", None),
            ("COV", None),
            ("NANOCOVAX", None),
            ("SPUTNIK LIGHT", None),
            ("VERO CELL 2", None),
            ("COVID-19 VACCINE JANSSEN", Some(1)),
        ] {
            assert_eq!(table.doses_of_name(written), doses, "{written}");
        }
    }
}
