package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/swmaas/swmaas/dispatch"
	"github.com/swmaas/swmaas/routing"
)

// Errors of this package.
var (
	// ErrTokenKey means that a key file does not hold an Ed25519 key.
	ErrTokenKey = errors.New("api: token key is not usable")
	// ErrGrant means that a token was asked for that nobody may hold; the text names every field.
	ErrGrant = errors.New("api: token cannot be issued")
	// ErrTokenMissing means that a call came without a bearer token.
	ErrTokenMissing = errors.New("api: no bearer token")
	// ErrTokenInvalid means that a token is damaged, forged, or not for this installation.
	ErrTokenInvalid = errors.New("api: token is not valid")
	// ErrTokenExpired means that a token has run out; a stream ends with it when its token does.
	ErrTokenExpired = errors.New("api: token has expired")
	// ErrRole means that the token's role may not call the method.
	ErrRole = errors.New("api: role may not call this method")
	// ErrOtherArea means that a request is about another area than the token.
	ErrOtherArea = errors.New("api: token is for another area")
	// ErrScope means that a request is about another rider, vehicle or facility than the token.
	ErrScope = errors.New("api: token does not cover this rider, vehicle or facility")
	// ErrUnknownMethod means that no such method exists.
	ErrUnknownMethod = errors.New("api: unknown method")
	// ErrExists means that what should be new is there already, with another content.
	ErrExists = errors.New("api: exists already")
	// ErrRequest means that a field breaks a rule that its message cannot state; the text names it.
	ErrRequest = errors.New("api: request is not valid")
	// ErrListChanged means that a list cannot be gone on with: the row that the page before ended with is not in it any more, or never was.
	ErrListChanged = errors.New("api: list has changed")
	// ErrTooManyCalls means that a token has or an address has used up its share of calls for the moment.
	ErrTooManyCalls = errors.New("api: too many calls")
	// ErrDraining ends the streams of a server that shuts down.
	ErrDraining = errors.New("api: server is shutting down")
	// ErrSlowConsumer ends a stream that is not read.
	ErrSlowConsumer = errors.New("api: stream is not read fast enough")
	// ErrConfig means that a Config cannot be used; the text names every field.
	ErrConfig = errors.New("api: config is not usable")
	// errUnreadable means that a message does not decode.
	errUnreadable = fmt.Errorf("%w: the message cannot be read", ErrRequest)
	// errPanic stands for a panic that was caught and reported.
	errPanic = errors.New("api: internal fault")
)

// errorDomain is the domain of google.rpc.ErrorInfo.
const errorDomain = "swmaas.v1"

// errorRow tells what a caller learns of an error.
type errorRow struct {
	err    error
	code   codes.Code
	reason string // of google.rpc.ErrorInfo, part of the contract
	ja, en string
	// tell adds the error's own text to the message, for errors whose text names the field or the state.
	tell bool
}

// errorTable maps every error that can reach this package to what callers are told. The first row that errors.Is matches
// counts. An error without a row is Internal and is told in general words.
var errorTable = []errorRow{
	{ErrTokenMissing, codes.Unauthenticated, "TOKEN_MISSING", "認証トークンがありません。", "A bearer token is needed.", false},
	{ErrTokenExpired, codes.Unauthenticated, "TOKEN_EXPIRED", "認証トークンの有効期限が切れています。", "The token has expired.", false},
	{ErrTokenInvalid, codes.Unauthenticated, "TOKEN_INVALID", "認証トークンが正しくありません。", "The token is not valid here.", false},
	{ErrRole, codes.PermissionDenied, "ROLE_NOT_PERMITTED", "この操作を行う権限がありません。", "The token's role may not do this.", false},
	{ErrOtherArea, codes.PermissionDenied, "OTHER_AREA", "この認証トークンは別の地域のものです。", "The token is for another area.", false},
	{ErrScope, codes.PermissionDenied, "OUT_OF_SCOPE", "この利用者・車両・施設を扱う権限がありません。", "The token does not cover this rider, vehicle or facility.", false},
	{ErrUnknownMethod, codes.Unimplemented, "UNKNOWN_METHOD", "この操作はありません。", "There is no such method.", false},
	{ErrRequest, codes.InvalidArgument, "INVALID_REQUEST", "入力に誤りがあります。", "The request is not valid.", true},
	{ErrExists, codes.AlreadyExists, "ALREADY_EXISTS", "同じ番号のものがすでにあります。", "There is one of this id already.", true},
	{ErrListChanged, codes.Aborted, "LIST_CHANGED", "一覧の内容が変わりました。最初のページから読み直してください。", "The list has changed; read it again from its first page, without a page token.", false},
	{ErrDraining, codes.Unavailable, "DRAINING", "サーバーを再起動しています。接続し直してください。", "The server is shutting down; connect again.", false},
	{ErrSlowConsumer, codes.ResourceExhausted, "SLOW_CONSUMER", "受信が追いつかないため接続を終了しました。", "The stream was not read fast enough; connect again.", false},
	{ErrTooManyCalls, codes.ResourceExhausted, "TOO_MANY_CALLS", "短時間に呼び出しが多すぎます。少し待ってからお試しください。", "Too many calls in a short time; wait a moment.", false},
	{ErrTokenKey, codes.Internal, "INTERNAL", internalJA, internalEN, false},
	{ErrGrant, codes.InvalidArgument, "INVALID_GRANT", "この内容の認証トークンは発行できません。", "Such a token cannot be issued.", true},
	{ErrConfig, codes.Internal, "INTERNAL", internalJA, internalEN, false},

	{dispatch.ErrNotFound, codes.NotFound, "NOT_FOUND", "見つかりません。", "Not found.", true},
	{dispatch.ErrInvalid, codes.InvalidArgument, "INVALID_REQUEST", "入力に誤りがあります。", "The request is not valid.", true},
	{dispatch.ErrErased, codes.FailedPrecondition, "PERSON_ERASED", "この利用者の情報は消去されています。", "The person was erased from the register.", false},
	{dispatch.ErrWrongState, codes.FailedPrecondition, "WRONG_STATE", "現在の状態ではこの操作はできません。", "Not possible in the present state.", true},
	{dispatch.ErrBadOffer, codes.InvalidArgument, "OFFER_INVALID", "この予約候補は使えません。もう一度候補を出してください。", "The offer token is not valid; ask for a new quote.", false},
	{dispatch.ErrKeyReused, codes.Aborted, "IDEMPOTENCY_REUSED", "同じ受付番号が別の内容で使われています。", "The idempotency key was used for another request.", false},
	{dispatch.ErrNoRoads, codes.FailedPrecondition, "NO_ROADS", "道路データが読み込まれていないため、お約束できません。", "No road graph is loaded, so nothing can be promised.", false},
	{dispatch.ErrHoldExpired, codes.FailedPrecondition, "HOLD_EXPIRED", "お取り置きの期限が過ぎました。もう一度候補を出してください。", "The held offer has expired; ask for a new quote.", false},
	{dispatch.ErrChanged, codes.Aborted, "CHANGED", "確認後に内容が変更されました。最新の内容を確認してください。", "It has changed since it was read; read it again.", false},
	{dispatch.ErrWorkPlanned, codes.FailedPrecondition, "WORK_PLANNED", "この車両にはすでに便が入っています。先に便を移してください。", "The vehicle has rides planned; move them first.", true},
	{dispatch.ErrTooSoon, codes.FailedPrecondition, "TOO_SOON", "まだお待ちする時間です。電話や声かけをしてから、もう一度お試しください。", "It is too soon to leave without the rider: call or knock, and wait.", true},
	{dispatch.ErrUnchecked, codes.FailedPrecondition, "CHECK_MISSING", "点呼が済んでいないため、出発できません。", "Nobody leaves without a passed check: sign on and take it first.", true},
	{dispatch.ErrUnqualified, codes.FailedPrecondition, "DRIVER_NOT_QUALIFIED", "この運転者は、この便に必要な資格を満たしていません。", "The driver lacks a qualification that the shift needs.", true},
	{dispatch.ErrScope, codes.FailedPrecondition, "OTHER_LEGS", "関連する便（行き・帰り）の扱いを指定してください。", "Say what is to become of the other legs of the trip.", true},
	{dispatch.ErrOutsideRoads, codes.FailedPrecondition, "OUTSIDE_ROADS", "道路網が地域に届いていません。地域を含む地図から道路網を作り、起動し直してください。", "The service's roads do not reach the area; make a graph of an extract that holds it, and start the service with that.", true},
	{dispatch.ErrPolicyBegun, codes.FailedPrecondition, "POLICY_BEGUN", "施行日は明日以降でなければなりません。施行後の方針は変更・取下げができません。", "A policy begins tomorrow at the earliest; one that has begun can neither be changed nor withdrawn.", true},
	{dispatch.ErrPolicyOverlap, codes.FailedPrecondition, "POLICY_OVERLAP", "同じ日に二つの方針が重なります。終わりの日を決めるか、前の方針を終わらせてください。", "Two policies would hold on one day; give one a last day, or let it end the one before it.", true},
	{dispatch.ErrNotYours, codes.PermissionDenied, "OTHER_FACILITY", "ほかの施設のものは表示できません。", "It belongs to another facility.", false},
	{dispatch.ErrNothingToPlan, codes.FailedPrecondition, "NOTHING_TO_PLAN", "計画できる便がありません。", "There is nothing that could be planned.", true},
	{dispatch.ErrRefused, codes.FailedPrecondition, "RULE_FORBIDS", "守らなければならない決まりのため、この変更はできません。", "A rule that nobody may break forbids this change.", true},
	{dispatch.ErrStale, codes.Aborted, "STALE", "他の変更と重なりました。もう一度お試しください。", "Somebody else changed this at the same time; try again.", false},

	{routing.ErrTooFar, codes.InvalidArgument, "PLACE_UNREACHABLE", "指定の場所の近くに車両の通れる道路がありません。", "No road that vehicles can use is near the place.", false},
	{routing.ErrNoRoad, codes.InvalidArgument, "PLACE_UNREACHABLE", "指定の場所の近くに車両の通れる道路がありません。", "No road that vehicles can use is near the place.", false},
	{routing.ErrUnreachable, codes.FailedPrecondition, "NO_WAY", "道路で行くことができません。", "No road leads there.", false},
	{routing.ErrInvalidPosition, codes.InvalidArgument, "INVALID_POSITION", "緯度・経度が正しくありません。", "The position is out of range.", false},
	{routing.ErrInvalidConditions, codes.InvalidArgument, "INVALID_CONDITIONS", "道路状況の内容に誤りがあります。", "The road conditions are not valid.", true},
	{routing.ErrUnknownRoad, codes.NotFound, "UNKNOWN_ROAD", "該当する道路がありません。", "There is no such road.", true},
	{routing.ErrInvalidPoint, codes.Internal, "INTERNAL", internalJA, internalEN, false},
	{routing.ErrNotGraphFile, codes.Internal, "INTERNAL", internalJA, internalEN, false},
	{routing.ErrGraphVersion, codes.Internal, "INTERNAL", internalJA, internalEN, false},
	{routing.ErrInvalidRoad, codes.Internal, "INTERNAL", internalJA, internalEN, false},

	{context.DeadlineExceeded, codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "時間内に処理できませんでした。", "Not done in time.", false},
	{context.Canceled, codes.Canceled, "CANCELLED", "呼び出しが取り消されました。", "The call was cancelled.", false},
}

// policyRow is for a policy whose text has faults, which are told as violations.
var policyRow = errorRow{code: codes.InvalidArgument, reason: "POLICY_INVALID", ja: "方針の内容に誤りがあります。", en: "The policy has faults."}

// unreachable reports whether an error is one of the network: the store is down, restarts or cannot be reached.
func unreachable(err error) bool {
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

const (
	unavailableJA = "ただいま接続できません。少し待ってからもう一度お試しください。"
	unavailableEN = "The store cannot be reached at the moment; try again."
	internalJA    = "内部エラーが発生しました。時間をおいてお試しください。"
	internalEN    = "Something went wrong here. Try again later."
)

// retryAfter is what callers are told to wait before they try again after Unavailable and ResourceExhausted.
const retryAfter = 1

// rowOf returns the row of an error, or the general one.
func rowOf(err error) errorRow {
	for _, row := range errorTable {
		if errors.Is(err, row.err) {
			return row
		}
	}
	if unreachable(err) {
		return errorRow{err: err, code: codes.Unavailable, reason: "STORE_UNAVAILABLE", ja: unavailableJA, en: unavailableEN}
	}
	return errorRow{err: err, code: codes.Internal, reason: "INTERNAL", ja: internalJA, en: internalEN}
}

// toStatus is the status that a caller gets for an error: code, reason, and a sentence in both languages. A status that
// gRPC itself made is passed on as it is.
func toStatus(err error) error {
	if err == nil {
		return nil
	}
	if invalid, ok := errors.AsType[*protovalidate.ValidationError](err); ok {
		return invalidStatus(invalid)
	}
	if _, ok := err.(interface{ GRPCStatus() *status.Status }); ok {
		return err
	}
	row, faults := rowOf(err), faultsOf(err)
	lines, violations := policyFaults(faults)
	message := row.en
	switch {
	case len(faults) > 0 && row.code == codes.Internal:
		row, message = policyRow, lines
	case row.tell:
		message = err.Error()
	}
	details := describe(row)
	if len(faults) > 0 {
		details = append(details, violations)
	}
	if row.code == codes.Unavailable || row.code == codes.ResourceExhausted {
		details = append(details, &errdetails.RetryInfo{RetryDelay: &durationpb.Duration{Seconds: retryAfter}})
	}
	return withDetails(row.code, message, details...)
}

// invalidStatus names every field of a request that breaks a rule of its message.
func invalidStatus(err *protovalidate.ValidationError) error {
	row := rowOf(ErrRequest)
	fields := &errdetails.BadRequest{}
	for _, v := range err.Violations {
		fields.FieldViolations = append(fields.FieldViolations, &errdetails.BadRequest_FieldViolation{
			Field:       protovalidate.FieldPathString(v.Proto.GetField()),
			Reason:      v.Proto.GetRuleId(),
			Description: v.Proto.GetMessage(),
		})
	}
	return withDetails(row.code, err.Error(), append(describe(row), fields)...)
}

// describe gives the reason and the two sentences of a row.
func describe(row errorRow) []protoadapt.MessageV1 {
	return []protoadapt.MessageV1{
		&errdetails.ErrorInfo{Reason: row.reason, Domain: errorDomain},
		&errdetails.LocalizedMessage{Locale: "ja", Message: row.ja},
		&errdetails.LocalizedMessage{Locale: "en", Message: row.en},
	}
}

func withDetails(code codes.Code, message string, details ...protoadapt.MessageV1) error {
	s, err := status.New(code, message).WithDetails(details...)
	if err != nil { // only for code OK or a detail that does not marshal; neither is possible here
		return status.Error(code, message)
	}
	return s.Err()
}
