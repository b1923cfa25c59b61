using System.Reflection;
using Bitswap.Protocol.Tests.Boxo;
using Bitswap.Protocol.Tests.Client;
using Bitswap.Protocol.Tests.Messages;
using Bitswap.Protocol.Tests.Server;
using Bitswap.Protocol.Tests.Simulation;

namespace Bitswap.Protocol.Tests;

/// <summary>Which test trips which limit or shows which switch: an option without one fails here.</summary>
public sealed class LimitTableTests
{
    private static readonly Dictionary<string, (Type Class, string Test)> _ofEngine = new()
    {
        [nameof(EngineOptions.MaxWants)] = (typeof(WantTests), nameof(WantTests.A_want_over_the_limit_is_refused)),
        [nameof(EngineOptions.MaxOutstandingWants)] = (typeof(SessionTests), nameof(SessionTests.No_more_than_the_cap_is_outstanding_and_the_rest_follows_by_priority_then_order)),
        [nameof(EngineOptions.MaxRequestedBytes)] = (typeof(SessionTests), nameof(SessionTests.Blocks_and_bytes_asked_of_a_peer_are_bounded_by_their_mean_size)),
        [nameof(EngineOptions.MaxStoringBytes)] = (typeof(LimitTests), nameof(LimitTests.Nothing_more_is_asked_for_while_the_store_is_behind)),
        [nameof(EngineOptions.MaxWantMessageEntries)] = (typeof(MessageQueueTests), nameof(MessageQueueTests.A_long_wantlist_goes_out_in_messages_of_a_bounded_length_and_all_of_it_does)),
        [nameof(EngineOptions.MaxWantMessagesInFlight)] = (typeof(LimitTests), nameof(LimitTests.No_more_wantlists_are_under_way_to_a_peer_than_is_set)),
        [nameof(EngineOptions.MaxSendAttempts)] = (typeof(OptionTests), nameof(OptionTests.The_set_number_of_failed_messages_drops_a_peer_each_tried_after_the_set_delay)),
        [nameof(EngineOptions.SendRetryDelay)] = (typeof(OptionTests), nameof(OptionTests.The_set_number_of_failed_messages_drops_a_peer_each_tried_after_the_set_delay)),
        [nameof(EngineOptions.ResendInterval)] = (typeof(OptionTests), nameof(OptionTests.A_want_that_is_not_answered_is_told_again_after_the_time_that_is_set)),
        [nameof(EngineOptions.DeniedRetryDelay)] = (typeof(WaitingWantTests), nameof(WaitingWantTests.The_first_pause_is_the_one_that_is_set)),
        [nameof(EngineOptions.DontHaveTimeout)] = (typeof(OptionTests), nameof(OptionTests.Silence_moves_a_want_on_after_the_time_that_is_set)),
        [nameof(EngineOptions.MinDontHaveTimeout)] = (typeof(OptionTests), nameof(OptionTests.Measured_silence_stays_between_the_least_and_the_most_that_are_set)),
        [nameof(EngineOptions.MaxDontHaveTimeout)] = (typeof(OptionTests), nameof(OptionTests.Measured_silence_stays_between_the_least_and_the_most_that_are_set)),
        [nameof(EngineOptions.FailFastWithoutPeers)] = (typeof(OptionTests), nameof(OptionTests.A_fail_fast_want_without_peers_ends_at_once_only_where_that_is_asked_for)),
        [nameof(EngineOptions.MaxSessionPeers)] = (typeof(LimitTests), nameof(LimitTests.A_session_asks_no_more_peers_directly_than_is_set)),
        [nameof(EngineOptions.SessionPruneAfter)] = (typeof(SessionTests), nameof(SessionTests.A_peer_with_too_many_DONT_HAVE_in_a_row_loses_its_place_and_a_block_regains_it)),
        [nameof(EngineOptions.BroadcastWindow)] = (typeof(SessionTests), nameof(SessionTests.No_more_wants_than_the_window_are_broadcast_at_once_and_all_get_their_turn)),
        [nameof(EngineOptions.MaxIdleSessions)] = (typeof(ThroughputTests), nameof(ThroughputTests.Sessions_that_come_and_go_are_bounded)),
        [nameof(EngineOptions.SessionFirstTick)] = (typeof(OptionTests), nameof(OptionTests.A_stuck_session_searches_after_the_set_time_and_the_search_ends_after_its_own)),
        [nameof(EngineOptions.SessionTickBase)] = (typeof(OptionTests), nameof(OptionTests.A_session_that_knows_its_peers_is_stuck_after_the_base_and_three_latencies)),
        [nameof(EngineOptions.ProviderSearch)] = (typeof(OptionTests), nameof(OptionTests.A_stuck_session_searches_after_the_set_time_and_the_search_ends_after_its_own)),
        [nameof(EngineOptions.MaxProviderSearches)] = (typeof(LimitTests), nameof(LimitTests.Only_so_many_provider_searches_are_open_at_once)),
        [nameof(EngineOptions.ProviderSearchTimeout)] = (typeof(OptionTests), nameof(OptionTests.A_stuck_session_searches_after_the_set_time_and_the_search_ends_after_its_own)),
        [nameof(EngineOptions.MaxLostPeers)] = (typeof(LostPeerTests), nameof(LostPeerTests.No_more_lost_peers_than_is_set_are_remembered_and_dialled_at_once)),
        [nameof(EngineOptions.MaxRedials)] = (typeof(LostPeerTests), nameof(LostPeerTests.No_more_lost_peers_than_is_set_are_remembered_and_dialled_at_once)),
        [nameof(EngineOptions.RedialDelay)] = (typeof(LostPeerTests), nameof(LostPeerTests.Pauses_stay_between_the_least_and_the_most_that_are_set)),
        [nameof(EngineOptions.MaxRedialDelay)] = (typeof(LostPeerTests), nameof(LostPeerTests.Pauses_stay_between_the_least_and_the_most_that_are_set)),
        [nameof(EngineOptions.RecentBlocks)] = (typeof(LimitTests), nameof(LimitTests.Blocks_received_long_ago_are_unwanted_and_no_longer_duplicates)),
        [nameof(EngineOptions.MaxUnwantedBytes)] = (typeof(SwarmTests), nameof(SwarmTests.A_flood_of_unwanted_blocks_is_counted_dropped_and_ended)),
        [nameof(EngineOptions.MaxWithdrawnWants)] = (typeof(WithdrawnWantTests), nameof(WithdrawnWantTests.Only_the_latest_are_remembered)),
        [nameof(EngineOptions.MaxStoreRequests)] = (typeof(LimitTests), nameof(LimitTests.Many_look_ups_are_checked_in_batches_and_hits_read_a_few_megabytes_at_a_time)),
        [nameof(EngineOptions.MaxCheckedCids)] = (typeof(LimitTests), nameof(LimitTests.Many_look_ups_are_checked_in_batches_and_hits_read_a_few_megabytes_at_a_time)),
        [nameof(EngineOptions.ClientOnly)] = (typeof(ServingTests), nameof(ServingTests.A_client_only_engine_serves_nothing_and_says_so_when_asked)),
        [nameof(EngineOptions.PeerFilter)] = (typeof(ServingTests), nameof(ServingTests.A_filter_keeps_a_block_from_a_peer_as_if_it_were_not_here)),
        [nameof(EngineOptions.MaxPeerWants)] = (typeof(AbuseTests), nameof(AbuseTests.Of_wants_over_the_cap_whose_blocks_are_here_the_least_important_give_way)),
        [nameof(EngineOptions.MaxPeerWantBytes)] = (typeof(WantBudgetTests), nameof(WantBudgetTests.The_bytes_of_wants_and_refusals_are_bounded_for_a_peer_that_reads_nothing)),
        [nameof(EngineOptions.MaxCidLength)] = (typeof(AbuseTests), nameof(AbuseTests.CIDs_that_are_too_long_and_identity_CIDs_are_ignored)),
        [nameof(EngineOptions.PeerWantExpiry)] = (typeof(OptionTests), nameof(OptionTests.A_peers_want_is_forgotten_after_the_time_that_is_set)),
        [nameof(EngineOptions.ReplyTarget)] = (typeof(ServingTests), nameof(ServingTests.Wants_are_served_by_priority_in_replies_of_a_bounded_size_a_large_block_alone)),
        [nameof(EngineOptions.MaxOutstandingReplyBytes)] = (typeof(ServingTests), nameof(ServingTests.No_more_than_the_cap_is_read_or_sent_for_a_peer_that_does_not_read)),
        [nameof(EngineOptions.HaveToBlockSize)] = (typeof(OptionTests), nameof(OptionTests.WANT_HAVE_is_answered_with_a_block_up_to_the_size_that_is_set)),
        [nameof(EngineOptions.StarvationLimit)] = (typeof(LimitTests), nameof(LimitTests.A_waiting_peer_becomes_urgent_when_it_waited_too_long)),
        [nameof(EngineOptions.UploadRate)] = (typeof(ServingTests), nameof(ServingTests.An_upload_rate_is_kept)),
        [nameof(EngineOptions.PeerUploadRate)] = (typeof(ServingTests), nameof(ServingTests.An_upload_rate_is_kept)),
        [nameof(EngineOptions.MaxMessageSize)] = (typeof(OptionTests), nameof(OptionTests.A_block_that_does_not_fit_a_message_of_the_size_that_is_set_is_not_here)),
        [nameof(EngineOptions.MaxLedgers)] = (typeof(ServingTests), nameof(ServingTests.Ledgers_of_absent_peers_are_bounded_the_oldest_go)),
    };

    private static readonly Dictionary<string, (Type Class, string Test)> _ofWire = new()
    {
        [nameof(WireLimits.MaxMessageSize)] = (typeof(FrameReaderTests), nameof(FrameReaderTests.A_declared_length_over_the_limit_is_refused_before_more_is_read)),
        [nameof(WireLimits.MaxBlockSize)] = (typeof(MessageDecodeTests), nameof(MessageDecodeTests.A_block_over_the_block_limit_is_dropped_and_counted)),
        [nameof(WireLimits.MaxEntries)] = (typeof(MessageDecodeTests), nameof(MessageDecodeTests.More_elements_than_allowed_are_refused_of_each_kind)),
        [nameof(WireLimits.MaxPresences)] = (typeof(MessageDecodeTests), nameof(MessageDecodeTests.More_elements_than_allowed_are_refused_of_each_kind)),
        [nameof(WireLimits.MaxBlocks)] = (typeof(MessageDecodeTests), nameof(MessageDecodeTests.More_elements_than_allowed_are_refused_of_each_kind)),
        [nameof(WireLimits.MaxOutgoingEntries)] = (typeof(MessageSplitTests), nameof(MessageSplitTests.Every_part_keeps_to_the_limits_and_together_they_say_the_whole_in_order)),
    };

    [Fact]
    public void Every_option_of_the_engine_has_a_test_that_trips_it() => Hold(typeof(EngineOptions), _ofEngine);

    [Fact]
    public void Every_limit_of_the_wire_has_a_test_that_trips_it() => Hold(typeof(WireLimits), _ofWire);

    private static void Hold(Type options, Dictionary<string, (Type Class, string Test)> table)
    {
        IEnumerable<string> names = options.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).Select(p => p.Name);
        Assert.Equal(names.Order(), table.Keys.Order());
        Assert.All(table.Values, row => Assert.Contains(row.Class.GetMethod(row.Test)!.GetCustomAttributes(), a => a is FactAttribute));
    }
}
