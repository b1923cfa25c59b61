using System.Collections.Frozen;
using System.Management.Automation;

namespace Bitswap.Errors;

/// <summary>Every error id of the module, with its category.</summary>
internal static class ErrorCatalog
{
    private static readonly ErrorKind _unlisted = new("BitswapError", ErrorCategory.NotSpecified, "A node reports an error that this table does not name.");

    /// <summary>The table.</summary>
    public static IReadOnlyList<ErrorKind> All { get; } =
    [
        new("AddressInUse", ErrorCategory.ResourceBusy, "A listen address is taken by another program."),
        new("BlockNotFound", ErrorCategory.ObjectNotFound, "A block was asked for locally and is not stored."),
        new("BlockTooLarge", ErrorCategory.LimitsExceeded, "Data is larger than a block may be."),
        new("BlockUnavailable", ErrorCategory.ObjectNotFound, "Every source that could be asked has said that it does not have the block, or there was none."),
        new("CidRequired", ErrorCategory.InvalidArgument, "A cmdlet that works on CIDs was given none."),
        new("ConnectionClosed", ErrorCategory.ConnectionError, "A connection ended in the middle of something."),
        new("DialToSelf", ErrorCategory.InvalidArgument, "A node was told to connect to itself."),
        new("HandshakeFailed", ErrorCategory.SecurityError, "A peer did not complete the secure handshake."),
        new("HandshakeTimeout", ErrorCategory.OperationTimeout, "A peer took too long for the secure handshake."),
        new("IdentityMismatch", ErrorCategory.InvalidArgument, "A repository holds another identity than the one that was given."),
        new("InvalidBlock", ErrorCategory.InvalidData, "Data does not hash to the CID it is said to have."),
        new("InvalidCid", ErrorCategory.InvalidArgument, "A text or object is not a CID."),
        new("InvalidInput", ErrorCategory.InvalidType, "An object is no data that a block can be made of."),
        new("InvalidKey", ErrorCategory.InvalidArgument, "A private key or seed cannot be read."),
        new("InvalidMultiaddr", ErrorCategory.InvalidArgument, "A text or object is not a multiaddr."),
        new("InvalidMultibase", ErrorCategory.InvalidArgument, "A text is not in the base that its first character names."),
        new("InvalidMultihash", ErrorCategory.InvalidArgument, "A multihash is malformed or not allowed for blocks."),
        new("InvalidOption", ErrorCategory.InvalidArgument, "An option is not known, or its value is out of range."),
        new("InvalidPeerId", ErrorCategory.InvalidArgument, "A text or object is not a peer id."),
        new("InvalidRepository", ErrorCategory.InvalidData, "A folder is not a repository that a node can open."),
        new("InvalidStore", ErrorCategory.InvalidArgument, "A block store is not one that a node can use."),
        new("InvalidTrace", ErrorCategory.InvalidData, "A file is not a trace, or is torn."),
        new("InvalidVarint", ErrorCategory.InvalidData, "A number in binary data is malformed."),
        new("LimitExceeded", ErrorCategory.LimitsExceeded, "A limit of the host is reached."),
        new("ListenFailed", ErrorCategory.OpenError, "A listen address cannot be opened."),
        new("NameInUse", ErrorCategory.ResourceExists, "Another running node has the name."),
        new("NegotiationFailed", ErrorCategory.ProtocolError, "Two peers found no protocol in common."),
        new("NetworkClosed", ErrorCategory.InvalidOperation, "A node was to be started on a test network that has been disposed."),
        new("NodeStopped", ErrorCategory.InvalidOperation, "A node that has stopped was asked for something, or stopped while it was waited for."),
        new("NoNode", ErrorCategory.ObjectNotFound, "-Node was left out and no node runs, or none has the name."),
        new("NoPeerAddress", ErrorCategory.InvalidArgument, "A peer is not connected and no address is given to dial."),
        new("NotOnNetwork", ErrorCategory.ObjectNotFound, "A test network was told to change the line of a node that is not on it."),
        new("OutFileFailed", ErrorCategory.WriteError, "A block could not be written to a file."),
        new("OutFileTaken", ErrorCategory.InvalidArgument, "One file was named for more than one block."),
        new("PathNotFound", ErrorCategory.ObjectNotFound, "A path leads to no file."),
        new("PeerIdInUse", ErrorCategory.ResourceExists, "A test network has another node with the same identity."),
        new("PeerIdMismatch", ErrorCategory.SecurityError, "A peer proved another identity than the one that was dialled."),
        new("PeerUnreachable", ErrorCategory.ConnectionError, "A peer cannot be reached, or is not connected."),
        new("PingTimeout", ErrorCategory.OperationTimeout, "A peer did not answer a ping in time."),
        new("ProtocolNotSupported", ErrorCategory.ProtocolError, "A peer does not speak a protocol that is needed."),
        new("ProtocolViolation", ErrorCategory.ProtocolError, "A peer broke the rules of a protocol."),
        new("ReadFailed", ErrorCategory.ReadError, "A file or stream could not be read."),
        new("SeveralNodes", ErrorCategory.InvalidArgument, "-Node was left out and more than one node runs."),
        new("StoreCorrupt", ErrorCategory.InvalidData, "A stored block is torn; it is never served."),
        new("StoreFailed", ErrorCategory.WriteError, "A block store refused or failed to do its work."),
        new("StoreFull", ErrorCategory.LimitsExceeded, "A block store has no room left."),
        new("StoreLocked", ErrorCategory.ResourceBusy, "A repository is in use by another node."),
        new("StreamReset", ErrorCategory.ConnectionError, "A peer gave up a stream."),
        new("Timeout", ErrorCategory.OperationTimeout, "The time given was over before there was an answer."),
        new("TooManyWants", ErrorCategory.LimitsExceeded, "A node has as many wants as it may."),
        new("TraceFailed", ErrorCategory.WriteError, "A trace cannot be written to its file."),
        new("UnknownName", ErrorCategory.InvalidArgument, "A codec, hash function or base has a name that is not known."),
        new("UnsupportedAddress", ErrorCategory.NotImplemented, "A multiaddr is of a transport that is not spoken here."),
        new("UnsupportedCidVersion", ErrorCategory.InvalidArgument, "A CID cannot be written in the version that was asked for."),
        new("UnsupportedHash", ErrorCategory.NotImplemented, "A hash function cannot be computed here."),
        new("UnsupportedProtocolVersion", ErrorCategory.InvalidArgument, "A Bitswap version is not one of those spoken."),
        new("WantCancelled", ErrorCategory.OperationStopped, "A want was cancelled while it was waited for."),
    ];

    private static readonly FrozenDictionary<string, ErrorKind> _byId = All.ToFrozenDictionary(kind => kind.Id, StringComparer.Ordinal);

    /// <summary>The entry of an id.</summary>
    public static ErrorKind Find(string id) => _byId.GetValueOrDefault(id, _unlisted);

    /// <summary>Whether the table names an id.</summary>
    public static bool Contains(string id) => _byId.ContainsKey(id);
}
