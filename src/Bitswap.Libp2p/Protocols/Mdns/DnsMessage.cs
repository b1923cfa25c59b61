namespace Bitswap.Libp2p.Protocols.Mdns;

/// <summary>Represents a message of DNS (RFC 1035 section 4.1) with the records that DNS-SD has.</summary>
/// <param name="IsResponse">Whether it answers.</param>
/// <param name="Questions">What it asks.</param>
/// <param name="Answers">What it answers; in a question, what the asker knows already (RFC 6762 section 7.1).</param>
/// <param name="Additionals">What it tells besides.</param>
internal sealed record DnsMessage(bool IsResponse, IReadOnlyList<DnsQuestion> Questions, IReadOnlyList<DnsRecord> Answers, IReadOnlyList<DnsRecord> Additionals)
{
    /// <summary>The size of the header.</summary>
    public const int HeaderLength = 12;

    /// <summary>How many questions and records one message may have; the others are not read.</summary>
    public const int MaxRecords = 128;

    /// <summary>Gets all records.</summary>
    public IEnumerable<DnsRecord> Records => Answers.Concat(Additionals);
}

/// <summary>Represents a question.</summary>
/// <param name="Name">The name, without the dot at its end.</param>
/// <param name="Type">What is asked of it.</param>
internal sealed record DnsQuestion(string Name, DnsType Type);

/// <summary>Represents a record. Of its data, that which its type has is not null.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Seconds">How long it holds; zero for what holds no more.</param>
internal sealed record DnsRecord(string Name, DnsType Type, uint Seconds)
{
    /// <summary>Gets the name that a PTR or SRV record leads to.</summary>
    public string? Target { get; init; }

    /// <summary>Gets the port of an SRV record.</summary>
    public ushort Port { get; init; }

    /// <summary>Gets the strings of a TXT record, each a byte a character.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>Gets the bytes of an A or AAAA record.</summary>
    public byte[]? Address { get; init; }

    /// <summary>Gets whether it takes the place of all that was told under its name and type (RFC 6762 section 10.2).</summary>
    public bool IsUnique { get; init; }
}

/// <summary>Specifies the types of records that are read and written.</summary>
internal enum DnsType : ushort
{
    /// <summary>An IPv4 address.</summary>
    A = 1,

    /// <summary>A name.</summary>
    Ptr = 12,

    /// <summary>Texts.</summary>
    Txt = 16,

    /// <summary>An IPv6 address.</summary>
    Aaaa = 28,

    /// <summary>A host and a port.</summary>
    Srv = 33,

    /// <summary>All, in a question.</summary>
    Any = 255,
}
