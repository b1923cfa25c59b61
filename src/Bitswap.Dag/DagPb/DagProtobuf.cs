using Bitswap.Dag.Abstractions;
using Bitswap.Multiformats.Protobuf;

namespace Bitswap.Dag.DagPb;

/// <summary>How protobuf is read in a block: a block has one form, and its hash names that one.</summary>
internal static class DagProtobuf
{
    /// <summary>Returns the dialect of a format.</summary>
    /// <param name="errorId">The id of its errors.</param>
    /// <param name="what">What a message should be, as in "Not a {what}".</param>
    public static ProtobufDialect Dialect(string errorId, string what) =>
        new(IsCanonical: true, (why, position) => new DagException(errorId, $"Not a {what}: {why} (at byte {position})."));
}
