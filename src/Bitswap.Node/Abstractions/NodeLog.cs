using Microsoft.Extensions.Logging;

namespace Bitswap.Node.Abstractions;

/// <summary>The node's log messages; the ids 1000 to 1999 are this room's.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(1001, LogLevel.Information, "Node {Peer} listens on {Addresses}")]
    public static partial void Started(this ILogger log, PeerId peer, string addresses);

    [LoggerMessage(1002, LogLevel.Information, "Node {Peer} stopped")]
    public static partial void Stopped(this ILogger log, PeerId peer);

    [LoggerMessage(1003, LogLevel.Critical, "The engine loop of node {Peer} failed; the node stops")]
    public static partial void LoopFailed(this ILogger log, Exception failure, PeerId peer);

    [LoggerMessage(1010, LogLevel.Debug, "{Peer} speaks {Protocol}")]
    public static partial void PeerSpeaksBitswap(this ILogger log, PeerId peer, string protocol);

    [LoggerMessage(1011, LogLevel.Debug, "{Peer} speaks no Bitswap: {Reason}")]
    public static partial void PeerSpeaksNoBitswap(this ILogger log, PeerId peer, string reason);

    [LoggerMessage(1012, LogLevel.Debug, "Sending to {Peer} failed, attempt {Attempt}: {Reason}")]
    public static partial void SendFailed(this ILogger log, PeerId peer, int attempt, string reason);

    [LoggerMessage(1013, LogLevel.Warning, "{Peer} ended a stream inside a message")]
    public static partial void StreamEndedInsideFrame(this ILogger log, PeerId peer);

    [LoggerMessage(1014, LogLevel.Warning, "{Peer} sent a malformed message ({ErrorId}); its stream is reset: {Reason}")]
    public static partial void MalformedMessage(this ILogger log, PeerId peer, string errorId, string reason);

    [LoggerMessage(1006, LogLevel.Warning, "{Peer} sent blocks that are left out: {UnknownHash} under a hash that is not accepted, {TooBig} too big")]
    public static partial void BlocksLeftOut(this ILogger log, PeerId peer, int unknownHash, int tooBig);

    [LoggerMessage(1007, LogLevel.Information, "{Peer} sent a block that it was not asked for, {Cid} of {Size} bytes; it is dropped")]
    public static partial void BlockRefused(this ILogger log, PeerId peer, Cid cid, int size);

    [LoggerMessage(1015, LogLevel.Debug, "A stream of {Peer} ended: {Reason}")]
    public static partial void StreamEnded(this ILogger log, PeerId peer, string reason);

    [LoggerMessage(1016, LogLevel.Warning, "{Peer} is dropped: {Reason}")]
    public static partial void PeerDropped(this ILogger log, PeerId peer, string reason);

    [LoggerMessage(1017, LogLevel.Debug, "Dialling {Peer} to keep it failed, next try in {Wait}: {Reason}")]
    public static partial void KeepFailed(this ILogger log, string peer, TimeSpan wait, string reason);

    [LoggerMessage(1018, LogLevel.Debug, "The round trip to {Peer} is not known: {Reason}")]
    public static partial void NoRoundTrip(this ILogger log, PeerId peer, string reason);

    [LoggerMessage(1019, LogLevel.Information, "{Peer} was lost, and dialling it again failed: {Reason}")]
    public static partial void RedialFailed(this ILogger log, PeerId peer, string reason);

    [LoggerMessage(1022, LogLevel.Warning, "The filter did not say within {Limit} whether {Peer} may have {Cid}; it may not")]
    public static partial void FilterLate(this ILogger log, PeerId peer, Cid cid, TimeSpan limit);

    [LoggerMessage(1023, LogLevel.Warning, "The filter failed to say whether {Peer} may have {Cid}; it may not: {Reason}")]
    public static partial void FilterFailed(this ILogger log, PeerId peer, Cid cid, string reason);

    [LoggerMessage(1024, LogLevel.Debug, "{Cid} is wanted ({WantId}, priority {Priority})")]
    public static partial void Wanted(this ILogger log, Cid cid, long wantId, int priority);

    [LoggerMessage(1025, LogLevel.Debug, "The want {WantId} of {Cid} ended: {Outcome}")]
    public static partial void WantEnded(this ILogger log, long wantId, Cid cid, string outcome);

    [LoggerMessage(1026, LogLevel.Debug, "To {Peer}: {Entries} wants and cancels, {Blocks} blocks, {Presences} presences")]
    public static partial void MessageSent(this ILogger log, PeerId peer, int entries, int blocks, int presences);

    [LoggerMessage(1027, LogLevel.Debug, "From {Peer}: {Entries} wants and cancels, {Blocks} blocks, {Presences} presences")]
    public static partial void MessageReceived(this ILogger log, PeerId peer, int entries, int blocks, int presences);

    [LoggerMessage(1030, LogLevel.Error, "The observer {Observer} failed and hears no more")]
    public static partial void ObserverFailed(this ILogger log, Exception failure, string observer);

    [LoggerMessage(1040, LogLevel.Information, "{Source} gave {Found} of {Cid}")]
    public static partial void ProvidersFound(this ILogger log, string source, Cid cid, string found);

    [LoggerMessage(1041, LogLevel.Warning, "{Source} cannot be asked for providers of {Cid}: {Reason}")]
    public static partial void SourceFailed(this ILogger log, string source, Cid cid, string reason);

    [LoggerMessage(1042, LogLevel.Debug, "{Peer}, a provider of {Cid}, was not connected: {Reason}")]
    public static partial void ProviderUnreachable(this ILogger log, PeerId peer, Cid cid, string reason);

    [LoggerMessage(1043, LogLevel.Information, "Providers of {Cid}: {Named}")]
    public static partial void ProvidersNamed(this ILogger log, Cid cid, string named);

    [LoggerMessage(1044, LogLevel.Error, "The search for providers of {Cid} failed")]
    public static partial void SearchFailed(this ILogger log, Exception failure, Cid cid);

    [LoggerMessage(1045, LogLevel.Information, "The gateway {Peer} at {Address} did not give {Cid}: {Reason}")]
    public static partial void GatewayFailed(this ILogger log, PeerId peer, string address, Cid cid, string reason);

    [LoggerMessage(1046, LogLevel.Debug, "The gateway {Peer} at {Address} was asked for the CAR of {Root}: {Blocks} blocks of use, {Bytes} bytes; {End}")]
    public static partial void CarCame(this ILogger log, PeerId peer, string address, Cid root, int blocks, long bytes, string end);

    [LoggerMessage(1070, LogLevel.Information, "The name {Name} is published again: {Taken} took its record, valid until {ValidUntil}")]
    public static partial void NameRepublished(this ILogger log, string name, int taken, string validUntil);

    [LoggerMessage(1071, LogLevel.Warning, "The name {Name}, whose record is valid until {ValidUntil}, was not published again; next try at {Next}: {Reason}")]
    public static partial void NameRepublishFailed(this ILogger log, string name, string validUntil, string next, string reason);

    [LoggerMessage(1072, LogLevel.Warning, "'{Path}' does not say what was published of a name, which is not published again: {Reason}")]
    public static partial void NameFileUnreadable(this ILogger log, string path, string reason);

    [LoggerMessage(1073, LogLevel.Error, "Publishing names again failed; it is tried again in an hour")]
    public static partial void RepublisherFailed(this ILogger log, Exception failure);

    [LoggerMessage(1080, LogLevel.Information, "All {Keys} blocks that are provided were announced, from {Started} to {Ended}")]
    public static partial void SweepEnded(this ILogger log, int keys, string started, string ended);

    [LoggerMessage(1081, LogLevel.Warning, "Announcing blocks failed; next try in {Wait}: {Reason}")]
    public static partial void ProvideFailed(this ILogger log, TimeSpan wait, string reason);

    [LoggerMessage(1082, LogLevel.Warning, "'{Path}' does not say what was announced when, so all is announced again: {Reason}")]
    public static partial void ProvideFileUnreadable(this ILogger log, string path, string reason);

    [LoggerMessage(1083, LogLevel.Warning, "What was announced when cannot be kept, so that it is announced again after a restart: {Reason}")]
    public static partial void ProvideFileNotWritten(this ILogger log, string reason);

    [LoggerMessage(1084, LogLevel.Warning, "{LeftOut} blocks or more are not announced: the option MaxProvideKeys of Start-BitswapNode allows {Max}")]
    public static partial void KeysLeftOut(this ILogger log, long leftOut, int max);

    [LoggerMessage(1085, LogLevel.Error, "Announcing blocks failed; next try in {Wait}")]
    public static partial void ProviderBroke(this ILogger log, Exception failure, TimeSpan wait);

    [LoggerMessage(1048, LogLevel.Warning, "'{Path}' does not say which peers of the DHT answered before, and is made anew: {Reason}")]
    public static partial void DhtPeersUnreadable(this ILogger log, string path, string reason);

    [LoggerMessage(1049, LogLevel.Warning, "Which peers of the DHT answered cannot be written to '{Path}', and is not known after a restart: {Reason}")]
    public static partial void DhtPeersNotKept(this ILogger log, string path, string reason);

    [LoggerMessage(1050, LogLevel.Warning, "A stored block is not offered until it is put again: {Reason}")]
    public static partial void BlockCorrupt(this ILogger log, string reason);

    [LoggerMessage(1051, LogLevel.Warning, "{Warning}")]
    public static partial void RepositoryWarning(this ILogger log, string warning);

    [LoggerMessage(1090, LogLevel.Information, "The peer {Peer} of the local network is connected")]
    public static partial void LanPeerConnected(this ILogger log, PeerId peer);

    [LoggerMessage(1091, LogLevel.Debug, "The peer {Peer} of the local network is not dialled for {Wait}: {Reason}")]
    public static partial void LanPeerFailed(this ILogger log, PeerId peer, TimeSpan wait, string reason);

    [LoggerMessage(1052, LogLevel.Information, "{Blocks} blocks of {Bytes} bytes were collected; the repository holds {Stored} of {Max} bytes")]
    public static partial void Collected(this ILogger log, long blocks, long bytes, long stored, long max);

    [LoggerMessage(1053, LogLevel.Warning, "{Blocks} of the blocks that were collected, {Bytes} bytes, had been added and not pinned. Pin with Add-BitswapPin what is to stay, or raise StorageMax")]
    public static partial void CollectedAdded(this ILogger log, long blocks, long bytes);

    [LoggerMessage(1054, LogLevel.Warning, "The repository is above the high water of StorageMax. {Reason}")]
    public static partial void CollectionFellShort(this ILogger log, string reason);

    [LoggerMessage(1055, LogLevel.Error, "The collection of blocks failed, and nothing is stored that there is no room for")]
    public static partial void CollectorFailed(this ILogger log, Exception failure);

    [LoggerMessage(1056, LogLevel.Warning, "'{Path}' does not say which blocks were added, which are then collected like those that were fetched: {Reason}")]
    public static partial void AddedBlocksNotKept(this ILogger log, string path, string reason);

    [LoggerMessage(1020, LogLevel.Error, "The block store failed to read {Cid}; peers are told it is not there: {Reason}")]
    public static partial void StoreReadFailed(this ILogger log, Cid cid, string reason);

    [LoggerMessage(1021, LogLevel.Error, "The block store failed to write {Cid}: {Reason}")]
    public static partial void StoreWriteFailed(this ILogger log, Cid cid, string reason);
}
