//! JSON → `Expression`, strict and bounded. Faults carry line and column where serde_json reads from text.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::time::Unit;
use super::value::whole;
use super::{Comparison, Expression, Fragment, INTEGER_MAX, Node};

/// Deepest nesting, in levels of JSON: an operation and its array of operands are two. The deepest rule of a member state in
/// the public test data has 13.
const DEPTH_MAX: u32 = 96;

/// Most operations, literals and arrays of one expression. The largest rule of a member state in the public test data has 69.
const NODES_MAX: u32 = 4096;

/// Longest text, in bytes: codes, dates and paths are far shorter.
const TEXT_BYTES_MAX: usize = 256;

impl<'de> serde::Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let nodes = Cell::new(0);
        Level { depth: 0, nodes: &nodes }.deserialize(deserializer).map(Self)
    }
}

/// Where in the expression we are, and how much of it there was.
#[derive(Clone, Copy)]
struct Level<'n> {
    depth: u32,
    nodes: &'n Cell<u32>,
}

impl Level<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == DEPTH_MAX {
            return Err(E::custom(format!("more than {DEPTH_MAX} levels inside of each other")));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.nodes.set(self.nodes.get() + 1);
        if self.nodes.get() > NODES_MAX {
            return Err(D::Error::custom(format!("more than {NODES_MAX} operations and values in one expression")));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a CertLogic expression: true, false, a whole number, a text, an array or one operation")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Node, E> {
        if number.unsigned_abs() > INTEGER_MAX.unsigned_abs() {
            return Err(E::custom(format!("{number} is too large: at most {INTEGER_MAX}")));
        }
        Ok(Node::Integer(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Node, E> {
        self.visit_i64(number.try_into().unwrap_or(i64::MAX))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
        whole(number).map(Node::Integer).ok_or_else(|| E::custom(format!("{number} is not a whole number")))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        bounded(text).map(|text| Node::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Node, A::Error> {
        let inside = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = array.next_element_seed(inside)? {
            items.push(item);
        }
        Ok(Node::Array(items.into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Node, A::Error> {
        let Some(operation) = object.next_key::<String>()? else {
            return Err(A::Error::custom("an empty object is no operation"));
        };
        let node = if operation == "var" {
            path(&object.next_value::<String>()?)?
        } else {
            let Node::Array(operands) = object.next_value_seed(self.deeper()?)? else {
                return Err(A::Error::custom(format!("the operands of \"{}\" stand in an array", shown(&operation))));
            };
            operation_of(&operation, operands.into_vec())?
        };
        match object.next_key::<String>()? {
            None => Ok(node),
            Some(second) => Err(A::Error::custom(format!(
                "one operation in each object: \"{}\" and \"{}\" stand in one",
                shown(&operation),
                shown(&second)
            ))),
        }
    }
}

fn bounded<E: Error>(text: &str) -> Result<&str, E> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(E::custom(format!("a text of {} bytes: at most {TEXT_BYTES_MAX}", text.len())));
    }
    Ok(text)
}

/// A name of somebody else's file, short enough for a message.
fn shown(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(32).collect()
}

fn path<E: Error>(text: &str) -> Result<Node, E> {
    let path = bounded(text)?;
    if path.is_empty() {
        return Ok(Node::Var([].into()));
    }
    let fragment = |name: &str| {
        let index = name.bytes().all(|byte| byte.is_ascii_digit()).then(|| name.parse().ok()).flatten();
        Fragment { name: name.into(), index }
    };
    Ok(Node::Var(path.split('.').map(fragment).collect()))
}

fn operation_of<E: Error>(operation: &str, operands: Vec<Node>) -> Result<Node, E> {
    Ok(match operation {
        "if" => Node::If(exactly(operation, operands)?),
        "===" => Node::Equal(exactly(operation, operands)?),
        "in" => Node::In(exactly(operation, operands)?),
        "+" => Node::Plus(exactly(operation, operands)?),
        "reduce" => Node::Reduce(exactly(operation, operands)?),
        "!" => {
            let [operand] = *exactly(operation, operands)?;
            Node::Not(Box::new(operand))
        }
        "and" => match operands.len() {
            0 | 1 => return Err(wrong_number(operation, "2 or more", operands.len())),
            _ => Node::And(operands.into()),
        },
        "<" => Node::CompareNumbers(Comparison::Less, two_or_three(operation, operands)?),
        "<=" => Node::CompareNumbers(Comparison::LessOrEqual, two_or_three(operation, operands)?),
        ">" => Node::CompareNumbers(Comparison::Greater, two_or_three(operation, operands)?),
        ">=" => Node::CompareNumbers(Comparison::GreaterOrEqual, two_or_three(operation, operands)?),
        "before" => Node::CompareTimes(Comparison::Less, two_or_three(operation, operands)?),
        "not-after" => Node::CompareTimes(Comparison::LessOrEqual, two_or_three(operation, operands)?),
        "after" => Node::CompareTimes(Comparison::Greater, two_or_three(operation, operands)?),
        "not-before" => Node::CompareTimes(Comparison::GreaterOrEqual, two_or_three(operation, operands)?),
        "plusTime" => match *exactly(operation, operands)? {
            [date, Node::Integer(amount), Node::Text(unit)] => match Unit::from_word(&unit) {
                Some(unit) => Node::PlusTime(Box::new(date), amount, unit),
                None => return Err(E::custom("the unit of \"plusTime\" is \"year\", \"month\", \"day\" or \"hour\"")),
            },
            _ => return Err(E::custom("\"plusTime\" takes a date, a whole number and a unit, both written out")),
        },
        "dccDateOfBirth" => {
            let [operand] = *exactly(operation, operands)?;
            Node::DateOfBirth(Box::new(operand))
        }
        "extractFromUVCI" => match *exactly(operation, operands)? {
            [text, Node::Integer(index)] => Node::FragmentOfUci(Box::new(text), index),
            _ => return Err(E::custom("\"extractFromUVCI\" takes a text and a whole number, written out")),
        },
        // Perhaps of a later specification. Whoever comes to it is referred; the rest of the rule set still decides.
        _ => Node::Unknown,
    })
}

fn exactly<const N: usize, E: Error>(operation: &str, operands: Vec<Node>) -> Result<Box<[Node; N]>, E> {
    let count = operands.len();
    operands.try_into().map(Box::new).map_err(|_| wrong_number(operation, &N.to_string(), count))
}

fn two_or_three<E: Error>(operation: &str, operands: Vec<Node>) -> Result<Box<[Node]>, E> {
    match operands.len() {
        2 | 3 => Ok(operands.into()),
        count => Err(wrong_number(operation, "2 or 3", count)),
    }
}

fn wrong_number<E: Error>(operation: &str, takes: &str, count: usize) -> E {
    E::custom(format!("\"{operation}\" takes {takes} operands and has {count}"))
}
