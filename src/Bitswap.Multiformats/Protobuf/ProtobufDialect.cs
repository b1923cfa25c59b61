namespace Bitswap.Multiformats.Protobuf;

/// <summary>How strictly a format is read, and which error tells that bytes are not of it.</summary>
/// <param name="IsCanonical">
/// Whether a value has one form: a varint in more bytes than it needs, or a group, is refused. Blocks of content are read so, since their hash names
/// one form. What a peer sends is not: any writer's protobuf is accepted, as Go's reader does.
/// </param>
/// <param name="Invalid">Makes the error from what is wrong, as in "it ends within a field", and how many bytes were read before.</param>
internal sealed record ProtobufDialect(bool IsCanonical, Func<string, int, Exception> Invalid);
