using Bitswap.Multiformats.Protobuf;

namespace Bitswap.Protocol.Messages;

/// <summary>Names the field numbers of bitswap.proto.</summary>
internal static class MessageFields
{
    public const int Wantlist = 1;
    public const int Blocks = 2;
    public const int Payload = 3;
    public const int Presences = 4;
    public const int PendingBytes = 5;

    public const int WantlistEntries = 1;
    public const int WantlistFull = 2;

    public const int EntryCid = 1;
    public const int EntryPriority = 2;
    public const int EntryCancel = 3;
    public const int EntryWantType = 4;
    public const int EntrySendDontHave = 5;

    public const int PayloadPrefix = 1;
    public const int PayloadData = 2;

    public const int PresenceCid = 1;
    public const int PresenceType = 2;
}

/// <summary>Holds how protobuf is read here.</summary>
internal static class WireDialect
{
    /// <summary>Gets the dialect of messages, which come from peers, in any form that a protobuf writer gives them.</summary>
    public static ProtobufDialect Message { get; } = new(
        IsCanonical: false, (why, _) => new WireException(WireException.InvalidMessage, $"Not a Bitswap message: {why}."));
}
