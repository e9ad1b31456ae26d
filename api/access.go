package api

import (
	"slices"

	swmaasv1 "github.com/swmaas/swmaas/api/gen/swmaas/v1"
)

// access is the table of method × role: who may call what. A method without a row may be called by nobody. Being in a row
// is necessary and not enough: tokens of riders, proxies, drivers and facilities are further bound to their own riders,
// vehicle or facility, and every token to its area.
//
// Drivers and facilities do not read rides: a driver sees the manifest, which says no more than is needed to help.
var access = map[string][]Role{
	swmaasv1.Booking_Quote_FullMethodName:           {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_Book_FullMethodName:            {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_CancelRide_FullMethodName:      {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_GetRide_FullMethodName:         {Rider, Proxy, Operator, Dispatcher, Council, Auditor},
	swmaasv1.Booking_ListRides_FullMethodName:       {Rider, Proxy, Operator, Dispatcher, Council, Auditor},
	swmaasv1.Booking_HoldOffer_FullMethodName:       {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_BookHeld_FullMethodName:        {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_DeclineOffer_FullMethodName:    {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_QuoteChange_FullMethodName:     {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_QuoteTrip_FullMethodName:       {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_QuoteGroup_FullMethodName:      {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_BookTrip_FullMethodName:        {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_ActivateRide_FullMethodName:    {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_ListWillCalls_FullMethodName:   {Rider, Proxy, Operator, Dispatcher, Council, Auditor},
	swmaasv1.Booking_JoinWaitlist_FullMethodName:    {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_ListWaitlist_FullMethodName:    {Rider, Proxy, Operator, Dispatcher, Council, Auditor},
	swmaasv1.Booking_ListFreedOffers_FullMethodName: {Rider, Proxy, Operator, Dispatcher, Council, Auditor},
	swmaasv1.Booking_ExplainRide_FullMethodName:     {Rider, Proxy, Operator, Dispatcher, Council, Auditor},

	swmaasv1.Booking_WatchRide_FullMethodName:            {Rider, Proxy, Operator, Dispatcher, Council, Auditor},
	swmaasv1.Booking_CreateStandingOrder_FullMethodName:  {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_GetStandingOrder_FullMethodName:     {Rider, Proxy, Operator, Dispatcher, Council, Auditor},
	swmaasv1.Booking_ListStandingOrders_FullMethodName:   {Rider, Proxy, Operator, Dispatcher, Council, Auditor},
	swmaasv1.Booking_UpdateStandingOrder_FullMethodName:  {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_SuspendStandingOrder_FullMethodName: {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_SetOrderException_FullMethodName:    {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_DeleteStandingOrder_FullMethodName:  {Rider, Proxy, Operator, Dispatcher},

	swmaasv1.Booking_CreateRider_FullMethodName:  {Operator, Dispatcher},
	swmaasv1.Booking_GetRider_FullMethodName:     {Rider, Proxy, Operator, Dispatcher, Driver, Facility, Council, Auditor},
	swmaasv1.Booking_UpdateRider_FullMethodName:  {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_SearchRiders_FullMethodName: {Operator, Dispatcher, Facility},
	swmaasv1.Booking_ListRiders_FullMethodName:   {Operator, Dispatcher, Facility, Council, Auditor},
	swmaasv1.Booking_SearchPlaces_FullMethodName: {Rider, Proxy, Operator, Dispatcher},
	swmaasv1.Booking_ListPlaces_FullMethodName:   {Rider, Proxy, Operator, Dispatcher, Driver, Facility, Council, Auditor, Admin},
	swmaasv1.Booking_SavePlace_FullMethodName:    {Operator, Dispatcher, Admin},
	swmaasv1.Booking_DeletePlace_FullMethodName:  {Operator, Dispatcher, Admin},

	swmaasv1.Driver_StreamManifest_FullMethodName:  {Driver, Operator, Dispatcher},
	swmaasv1.Driver_ReportSteps_FullMethodName:     {Driver, Dispatcher},
	swmaasv1.Driver_ReportPositions_FullMethodName: {Driver},
	swmaasv1.Driver_SignOn_FullMethodName:          {Driver, Dispatcher},
	swmaasv1.Driver_SignOff_FullMethodName:         {Driver, Dispatcher},
	swmaasv1.Driver_ReportCheck_FullMethodName:     {Driver, Dispatcher},
	swmaasv1.Driver_ReportIncident_FullMethodName:  {Driver, Dispatcher},

	swmaasv1.Driver_AcknowledgeManifest_FullMethodName: {Driver, Dispatcher},

	swmaasv1.Fleet_ListVehicles_FullMethodName:       {Operator, Dispatcher, Facility, Council, Auditor, Admin},
	swmaasv1.Fleet_ListShifts_FullMethodName:         {Operator, Dispatcher, Facility, Council, Auditor, Admin},
	swmaasv1.Fleet_ReportVehicleState_FullMethodName: {Driver, Facility, Dispatcher},

	swmaasv1.Fleet_GetVehicle_FullMethodName:          {Operator, Dispatcher, Facility, Council, Auditor, Admin},
	swmaasv1.Fleet_SaveVehicle_FullMethodName:         {Dispatcher, Facility, Admin},
	swmaasv1.Fleet_ListFacilities_FullMethodName:      {Operator, Dispatcher, Facility, Council, Auditor, Admin},
	swmaasv1.Fleet_SaveFacility_FullMethodName:        {Dispatcher, Admin},
	swmaasv1.Fleet_ListDrivers_FullMethodName:         {Operator, Dispatcher, Facility, Council, Auditor, Admin},
	swmaasv1.Fleet_SaveDriver_FullMethodName:          {Dispatcher, Facility, Admin},
	swmaasv1.Fleet_FindNearestVehicles_FullMethodName: {Operator, Dispatcher},
	swmaasv1.Fleet_ListShiftTemplates_FullMethodName:  {Operator, Dispatcher, Facility, Council, Auditor, Admin},
	swmaasv1.Fleet_SaveShiftTemplate_FullMethodName:   {Dispatcher, Facility, Admin},
	swmaasv1.Fleet_DeleteShiftTemplate_FullMethodName: {Dispatcher, Facility, Admin},
	swmaasv1.Fleet_ListShareWindows_FullMethodName:    {Operator, Dispatcher, Facility, Council, Auditor, Admin},
	swmaasv1.Fleet_OfferShareWindow_FullMethodName:    {Dispatcher, Facility, Admin},
	swmaasv1.Fleet_WithdrawShareWindow_FullMethodName: {Dispatcher, Facility, Admin},
	swmaasv1.Fleet_GetVehicleCalendar_FullMethodName:  {Operator, Dispatcher, Facility, Council, Auditor, Admin},
	swmaasv1.Fleet_SetVehicleCalendar_FullMethodName:  {Dispatcher, Facility, Admin},
	swmaasv1.Fleet_GetDriverCalendar_FullMethodName:   {Operator, Dispatcher, Facility, Auditor, Admin},
	swmaasv1.Fleet_SetDriverCalendar_FullMethodName:   {Dispatcher, Facility, Admin},
	swmaasv1.Fleet_SubstituteShift_FullMethodName:     {Dispatcher, Facility},

	swmaasv1.Council_WatchDay_FullMethodName:            {Operator, Dispatcher, Council, Auditor},
	swmaasv1.Council_ListExceptions_FullMethodName:      {Operator, Dispatcher, Council},
	swmaasv1.Council_SeeException_FullMethodName:        {Operator, Dispatcher, Council},
	swmaasv1.Council_ListTells_FullMethodName:           {Operator, Dispatcher, Council},
	swmaasv1.Council_MarkTold_FullMethodName:            {Operator, Dispatcher, Council},
	swmaasv1.Council_NoteTellAttempt_FullMethodName:     {Operator, Dispatcher, Council},
	swmaasv1.Council_RemindEveningBefore_FullMethodName: {Operator, Dispatcher, Council},
	swmaasv1.Council_PromiseCallBack_FullMethodName:     {Operator, Dispatcher, Council},
	swmaasv1.Council_ListIncidents_FullMethodName:       {Dispatcher, Council, Auditor},
	swmaasv1.Council_SettleIncident_FullMethodName:      {Dispatcher, Council},
	swmaasv1.Council_SetCondition_FullMethodName:        {Dispatcher, Council},
	swmaasv1.Council_LiftCondition_FullMethodName:       {Dispatcher, Council},
	swmaasv1.Council_ListConditions_FullMethodName:      {Operator, Dispatcher, Driver, Facility, Council, Auditor},
	swmaasv1.Council_TakeOut_FullMethodName:             {Dispatcher, Council},
	swmaasv1.Council_BringBack_FullMethodName:           {Dispatcher, Council},
	swmaasv1.Council_ListOutages_FullMethodName:         {Operator, Dispatcher, Council, Auditor},
	swmaasv1.Council_SetStorm_FullMethodName:            {Dispatcher, Council},
	swmaasv1.Council_ListStorms_FullMethodName:          {Operator, Dispatcher, Driver, Facility, Council, Auditor},
	swmaasv1.Council_MendDay_FullMethodName:             {Dispatcher},
	swmaasv1.Council_LockRides_FullMethodName:           {Dispatcher},
	swmaasv1.Council_QuoteReassign_FullMethodName:       {Dispatcher},
	swmaasv1.Council_OverridePlan_FullMethodName:        {Dispatcher},
	swmaasv1.Council_UndoOverride_FullMethodName:        {Dispatcher},
	swmaasv1.Council_PublishManifests_FullMethodName:    {Dispatcher},
	swmaasv1.Council_GetDaySummary_FullMethodName:       {Operator, Dispatcher, Facility, Council, Auditor, Admin},

	swmaasv1.Council_ListPolicies_FullMethodName:       {Operator, Dispatcher, Facility, Council, Auditor, Admin},
	swmaasv1.Council_GetPolicy_FullMethodName:          {Operator, Dispatcher, Facility, Council, Auditor, Admin},
	swmaasv1.Council_CheckPolicies_FullMethodName:      {Dispatcher, Council, Admin},
	swmaasv1.Council_GetDemand_FullMethodName:          {Operator, Dispatcher, Council, Auditor, Admin},
	swmaasv1.Council_ListRosterProblems_FullMethodName: {Operator, Dispatcher, Council, Auditor, Admin},
	swmaasv1.Council_ListExpiring_FullMethodName:       {Operator, Dispatcher, Council, Auditor, Admin},

	swmaasv1.Admin_ListAccesses_FullMethodName: {Council, Auditor, Admin},
	swmaasv1.Admin_CreateToken_FullMethodName:  {Admin},
	swmaasv1.Admin_ListTokens_FullMethodName:   {Auditor, Admin},
	swmaasv1.Admin_RevokeToken_FullMethodName:  {Admin},
	swmaasv1.Admin_EraseRider_FullMethodName:   {Council, Admin},
	swmaasv1.Admin_ImportFile_FullMethodName:   {Dispatcher, Admin},
	swmaasv1.Admin_ExportFile_FullMethodName:   {Dispatcher},
	swmaasv1.Admin_ExportRider_FullMethodName:  {Dispatcher},
}

// mayCall reports whether the role may call the method, named as on the wire ("/swmaas.v1.Booking/Quote").
func mayCall(role Role, method string) bool { return slices.Contains(access[method], role) }
