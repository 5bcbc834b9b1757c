// Package observe lets operators see a node: its log, its metrics, whether it
// is alive and ready, and how it leaves without dropping anybody.
//
// Logs and metrics carry ids, counts and times. What a customer wrote and how
// they can be reached stays out of both.
package observe
