//! The rows of the two tables of hypotheses: those that are open, and those that are ruled out.
//!
//! Apart from the rest of the page, since rows are put together here: what is ruled out by one thing, or has
//! nothing on record for it, stands in one row, so that the tables say what there is to say and no more.

use super::model::HypothesisJson;
use super::words::{self, ABSENT};
use serde::Serialize;

/// A row: one hypothesis, or several of which the same is to be said.
#[derive(Serialize)]
pub(super) struct Row {
    name: String,
    status: String,
    score: String,
    because: String,
    says: String,
}

/// Those that are not ruled out, in their order. Those with nothing for them come last, in one row.
pub(super) fn open(list: &[HypothesisJson]) -> Vec<Row> {
    let (bare, told): (Vec<_>, Vec<_>) = list.iter().filter(|h| !is_out(h)).partition(|h| h.score == 0 && h.because.is_empty());
    let mut rows: Vec<Row> = told.into_iter().map(row).collect();
    let says = match bare.len() {
        1 => return rows.into_iter().chain(bare.into_iter().map(row)).collect(),
        _ => "Nothing on record speaks for or against any of these.",
    };
    rows.extend(joined(&bare).map(|row| Row { says: says.to_owned(), ..row }));
    rows
}

/// Those that are ruled out, in their order; those that one thing rules out where the first of them stands.
pub(super) fn ruled_out(list: &[HypothesisJson]) -> Vec<Row> {
    let mut groups: Vec<Vec<&HypothesisJson>> = Vec::new();
    for h in list.iter().filter(|h| is_out(h)) {
        match groups.iter_mut().find(|group| group.iter().all(|first| (&first.says, &first.because) == (&h.says, &h.because))) {
            Some(group) => group.push(h),
            None => groups.push(vec![h]),
        }
    }
    groups.iter().filter_map(|group| joined(group)).collect()
}

fn is_out(h: &HypothesisJson) -> bool {
    h.status == "ruled_out"
}

/// One row for several, with what the first of them says; None for none.
fn joined(group: &[&HypothesisJson]) -> Option<Row> {
    let first = row(group.first()?);
    Some(Row { name: group.iter().map(|h| name(h)).collect::<Vec<_>>().join(", "), ..first })
}

fn row(h: &HypothesisJson) -> Row {
    Row {
        name: name(h),
        status: h.status.replace('_', " "),
        score: if is_out(h) { ABSENT.to_owned() } else { h.score.to_string() },
        because: if h.because.is_empty() { ABSENT.to_owned() } else { h.because.join(", ") },
        says: h.says.clone().into_owned(),
    }
}

fn name(h: &HypothesisJson) -> String {
    let by = h.actor.map(|a| format!(" by {}", words::title(a))).unwrap_or_default();
    format!("`{}`{by}", h.root_cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hypothesis(root_cause: &'static str, status: &'static str, score: i32, says: &'static str) -> HypothesisJson {
        let because = if score > 0 { vec!["E1".to_owned()] } else { Vec::new() };
        HypothesisJson { root_cause, actor: None, status, score, because, says: says.into() }
    }

    #[test]
    fn one_row_for_what_one_thing_rules_out_and_for_what_nothing_speaks_for() {
        let list = [
            hypothesis("a", "best", 12, "first"),
            hypothesis("b", "open", 0, "second"),
            hypothesis("c", "open", 0, "third"),
            hypothesis("d", "ruled_out", 0, "no limit answer"),
            hypothesis("e", "ruled_out", 0, "no cut stream"),
            hypothesis("f", "ruled_out", 0, "no limit answer"),
        ];
        let names = |rows: Vec<Row>| rows.into_iter().map(|r| r.name).collect::<Vec<_>>();
        assert_eq!(names(open(&list)), ["`a`", "`b`, `c`"]);
        assert_eq!(names(open(&list[..2])), ["`a`", "`b`"]);
        assert_eq!(open(&list[..2])[1].says, "second");
        assert_eq!(names(ruled_out(&list)), ["`d`, `f`", "`e`"]);
        assert!(open(&list[3..]).is_empty());
    }
}
