using System.Globalization;
using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats;
using Bitswap.Multiformats.Abstractions;
using Bitswap.Node.Repositories;

namespace Bitswap.Node.Abstractions;

/// <summary>Makes the node's errors, so that each id, its words and its remedy are in one place.</summary>
internal static class NodeErrors
{
    // As many as a reader takes in.
    private const int ShownPeers = 8;

    public static BitswapException Stopped() =>
        new(NodeErrorIds.NodeStopped, "The Bitswap node is stopped.", "Start another with Start-BitswapNode.");

    public static BitswapException Failed(Exception cause) =>
        new(NodeErrorIds.NodeStopped, $"The Bitswap node stopped because of an internal failure: {cause.Message}", "Start another node, and report the failure with its log.", null, cause);

    public static BitswapException InvalidBlock(Cid cid) =>
        new(NodeErrorIds.InvalidBlock, $"The data does not hash to {cid}.", "Leave the CID out to have it computed, or pass the data that belongs to it.", cid);

    public static BitswapException BlockNotFound(Cid cid) =>
        new(NodeErrorIds.BlockNotFound, $"The block {cid} is not stored in this node.", "Leave out -Local to ask the connected peers for it.", cid);

    public static BitswapException Silence(Cid cid, TimeSpan silence, IReadOnlyList<PeerAnswer> answers, SearchAccount? search) => new BlockUnavailableException(
        NodeErrorIds.Timeout,
        $"No block arrived for {Seconds(silence)}, while {cid} was waited for. {Asked(answers, search?.Told)}",
        Remedy(search, answers) ?? "Connect to a peer that has it, allow a longer silence with -TimeoutSeconds, and try again: what has come is kept.",
        cid,
        answers,
        search?.Failure);

    public static BitswapException Refused(Cid cid, BlockRefusal refusal) => new(
        refusal.ErrorId,
        refusal.Message,
        refusal.ErrorId == BlockRefusal.BlockTooLarge
            ? "Split the data into smaller blocks, as Add-BitswapFile does."
            : "Check the value for a piece that is missing, and use a hash function that Tab completes; an identity CID holds at most 128 bytes.",
        cid);

    public static BitswapException PeerNotConnected(PeerId peer) =>
        new(NodeErrorIds.PeerUnreachable, $"The peer {peer} is not connected.", "Connect to it with Connect-BitswapPeer first.", peer);

    public static BitswapException NoLocalNetwork() =>
        new(NodeErrorIds.DiscoveryFailed, "The network of this node is in memory, and has no local network on which to look for peers.", "Use a node that was started without -Network.");

    public static BitswapException DiscoveryFailed(IReadOnlyList<string> problems) =>
        new(
            NodeErrorIds.DiscoveryFailed,
            $"Peers cannot be looked for on the local network: {(problems.Count == 0 ? "no network interface is up" : string.Join("; ", problems))}.",
            "Check that a network is connected, that the option DiscoverOn names interfaces that are there, and that no other program keeps UDP port 5353 to itself.");

    public static BitswapException DagIncomplete(Cid root, Cid block, string path, Exception? cause) =>
        new(
            NodeErrorIds.DagIncomplete,
            $"{root} cannot be pinned with all below it: the block {block}{(path.Length == 0 ? "" : $" of '{path}'")} cannot be had or read. {cause?.Message}".TrimEnd(),
            "See all that is missing with Test-BitswapDag; connect to a peer that has it, or pin the one block with -Direct.",
            block,
            cause);

    public static BitswapException GraphRefused(Cid root, DagException cause) =>
        new(cause.ErrorId, $"{root} cannot be pinned with all below it: {cause.Message}", "Pin a part of the graph, or the one block with -Direct.", root, cause);

    public static BitswapException ForeignStore(string path, string owner) =>
        new(
            NodeErrorIds.ForeignStore,
            $"Nothing is removed from the block store '{path}': this module did not make it. It is {owner}, and what its owner needs of it is not known here.",
            "Let its owner remove what is not needed, as Kubo does with 'ipfs repo gc'. Or give -Force, which removes it all the same.",
            path);

    public static BitswapException PinIncomplete(Cid pin, Cid block, Exception? cause) =>
        new(
            NodeErrorIds.PinIncomplete,
            $"What is pinned below {pin} cannot be known, because its block {block} is missing or cannot be read."
                + (cause is null ? "" : $" {cause.Message}"),
            "Fetch what is missing with Add-BitswapPin, take the pin away with Remove-BitswapPin, or give -Force, which takes what may belong to it.",
            block,
            cause);

    public static BitswapException LogIsFolder(string path) =>
        new(NodeErrorIds.LogFailed, $"'{path}' is a folder, and a log is a file.", $"Name a file in it, such as '{Path.Combine(path, "node.log")}'.", path);

    public static BitswapException LogFailed(string path, Exception cause) =>
        new(NodeErrorIds.LogFailed, $"The log cannot be written to '{path}': {cause.Message}", "Check that the folder exists, has room and may be written to, and that no other node logs to that file.", path, cause);

    public static BitswapException TraceFailed(string path, Exception cause) =>
        new(NodeErrorIds.TraceFailed, $"The trace cannot be written to '{path}': {cause.Message}", "Name a file that is not there yet, or say to replace it; check that the folder exists and has room.", path, cause);

    public static BitswapException InvalidTrace(int line, string reason, Exception? cause) =>
        new(NodeErrorIds.InvalidTrace, $"Line {line} is not one of a trace: {reason}", "Give a file that Start-BitswapTrace wrote.", line, cause);

    /// <summary>Returns the error of a want that ended without a block.</summary>
    /// <param name="cid">The block.</param>
    /// <param name="ended">How the want ended.</param>
    /// <param name="search">What came of searching for providers; null where none were searched for.</param>
    public static BitswapException WantEnded(Cid cid, WantEnded ended, SearchAccount? search = null)
    {
        string asked = Asked(ended.Answers, search?.Told);
        return ended.Reason switch
        {
            WantEndReason.NotFound => new BlockUnavailableException(
                NodeErrorIds.BlockUnavailable,
                ended.Answers.Count == 0 ? $"The block {cid} is not here. {asked}" : $"No peer that could be asked has the block {cid}. {asked}",
                Remedy(search, ended.Answers)
                    ?? "Connect to a peer that has it, or wait for one that is getting it: with Start-BitswapWant, or with -Wait where a cmdlet has that.",
                cid,
                ended.Answers,
                search?.Failure),
            WantEndReason.Timeout => new BlockUnavailableException(
                NodeErrorIds.Timeout,
                $"The block {cid} did not come in time. {asked}",
                Remedy(search, ended.Answers) ?? "Allow more time with -TimeoutSeconds, or connect to a peer that has it.",
                cid,
                ended.Answers,
                search?.Failure),
            WantEndReason.Cancelled => new BlockUnavailableException(
                NodeErrorIds.WantCancelled, $"The want for {cid} was cancelled.", "Ask for the block again if it is still needed.", cid, ended.Answers),
            WantEndReason.StoreFailed => new BitswapException(
                NodeErrorIds.StoreFailed, $"The block {cid} arrived and could not be stored: {ended.Detail}", "Check the store's free space and permissions.", cid),
            WantEndReason.TooManyWants => new BitswapException(
                NodeErrorIds.TooManyWants, $"The node has as many wants as it may, so {cid} was not added.", "Let wants end, stop some with Stop-BitswapWant, or raise the limit.", cid),
            WantEndReason.Refused => Refused(cid, new BlockRefusal(MultiformatException.InvalidMultihash, ended.Detail!)),
            _ => throw new ArgumentOutOfRangeException(nameof(ended), ended.Reason, "A want ended for a reason that has no error."),
        };
    }

    /// <summary>Returns a time in seconds, as messages tell it: <c>1 second</c>, <c>0.5 seconds</c>.</summary>
    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} {(time == TimeSpan.FromSeconds(1) ? "second" : "seconds")}");

    // What stood between this node and the providers says more than that none was asked; a peer that was asked says more than either.
    private static string? Remedy(SearchAccount? search, IReadOnlyList<PeerAnswer> answers) =>
        answers.Any(static answer => answer.Kind == PeerAnswerKind.Refused)
            ? "One that refused it may refuse it again: connect to another peer that has it, or name another gateway with -Gateway of Start-BitswapNode."
        : answers.All(static answer => answer.Kind is PeerAnswerKind.DontHave or PeerAnswerKind.Unreachable or PeerAnswerKind.NoTransport) ? search?.Remedy : null;

    /// <summary>Returns who was asked and what each said, of many the first, and what came of searching for others.</summary>
    private static string Asked(IReadOnlyList<PeerAnswer> answers, string? searched)
    {
        string asked = answers.Count switch
        {
            0 => "No peer could be asked.",
            <= ShownPeers => $"Asked: {string.Join("; ", answers.Select(Describe))}.",
            _ => $"Asked: {string.Join("; ", answers.Take(ShownPeers).Select(Describe))}; and {answers.Count - ShownPeers} more.",
        };
        return searched is { Length: > 0 } ? $"{asked} {searched}" : asked;
    }

    private static string Describe(PeerAnswer answer)
    {
        string said = answer.Kind switch
        {
            PeerAnswerKind.Waiting => "no answer yet",
            PeerAnswerKind.Have => "said HAVE, and did not send the block",
            PeerAnswerKind.DontHave => "DONT_HAVE",
            PeerAnswerKind.Silent => "silent",
            PeerAnswerKind.HungUp => "hung up",
            PeerAnswerKind.WeHungUp => "was hung up on",
            PeerAnswerKind.CannotAsk => "not asked, its protocol cannot say",
            PeerAnswerKind.Unreachable => "not reached",
            PeerAnswerKind.Reset => "reset the stream",
            PeerAnswerKind.TooBig => "sent more than is taken",
            PeerAnswerKind.Malformed => "sent what cannot be read",
            PeerAnswerKind.WrongBlock => "sent a wrong block",
            PeerAnswerKind.UnknownHash => "sent a block under an unknown hash",
            PeerAnswerKind.NoBitswap => "not asked, it speaks no common Bitswap version",
            PeerAnswerKind.NoSecurity => "not reached, it has no common security",
            PeerAnswerKind.NoMuxer => "not reached, it has no common muxer",
            PeerAnswerKind.PrivateNetwork => "not reached, it is of a private network",
            PeerAnswerKind.NoTransport => "not reached, it has no address that is dialled here",
            PeerAnswerKind.WrongPeer => "not reached, another peer answers there",
            PeerAnswerKind.Refused => "did not give it",
            _ => answer.Kind.ToString(),
        };
        string when = answer.Latency switch
        {
            null => "",
            { } silent when answer.Kind == PeerAnswerKind.Silent => string.Create(CultureInfo.InvariantCulture, $" for {silent.TotalSeconds:0.0} s"),
            { } latency => string.Create(CultureInfo.InvariantCulture, $" after {latency.TotalMilliseconds:F0} ms"),
        };
        return $"{answer.Peer} {said}{when}{(answer.Detail is { } detail ? $" ({detail.TrimEnd('.')})" : "")}";
    }
}
