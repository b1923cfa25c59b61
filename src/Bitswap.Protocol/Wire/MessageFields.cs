namespace Bitswap.Protocol.Wire;

/// <summary>The field numbers of bitswap.proto.</summary>
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
