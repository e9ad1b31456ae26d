// Package cells makes H3 cells of positions and lists the cells that a search has to read. It is the only code that knows
// H3; everybody else carries a vehicles.CellID about without looking into it.
//
// A set of cells is a filter: it may hold more than the radius asked for, never less. The functions are pure and safe for
// concurrent use.
package cells
