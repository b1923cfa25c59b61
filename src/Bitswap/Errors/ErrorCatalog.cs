using System.Collections.Frozen;
using System.Management.Automation;

namespace Bitswap.Errors;

/// <summary>Every error id of the module, with its category, when it is reported and what to do about it.</summary>
/// <remarks>
/// To add an error: a line in <see cref="All"/> and one among the remedies, both in their place by the alphabet; then <c>./build.ps1 Docs</c>, which writes
/// docs/errors.md; then what trips it in the table of tests/Pester/Errors.Tests.ps1.
/// </remarks>
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
        new("ContentTooLarge", ErrorCategory.LimitsExceeded, "More of a file was asked for in one piece than one object can hold."),
        new("DagLimitExceeded", ErrorCategory.LimitsExceeded, "A graph or a block is deeper, longer or larger than the limit that was set."),
        new("DialToSelf", ErrorCategory.InvalidArgument, "A node was told to connect to itself."),
        new("HandshakeFailed", ErrorCategory.SecurityError, "A peer did not complete the secure handshake."),
        new("HandshakeTimeout", ErrorCategory.OperationTimeout, "A peer took too long for the secure handshake."),
        new("IdentityMismatch", ErrorCategory.InvalidArgument, "A repository holds another identity than the one that was given."),
        new("InvalidBlock", ErrorCategory.InvalidData, "Data does not hash to the CID it is said to have."),
        new("InvalidCar", ErrorCategory.InvalidData, "A file is no CAR, or is damaged or cut short."),
        new("InvalidCid", ErrorCategory.InvalidArgument, "A text or object is not a CID."),
        new("InvalidDagCbor", ErrorCategory.InvalidData, "A block is no dag-cbor value, or not in the one form that the codec allows."),
        new("InvalidDagJson", ErrorCategory.InvalidData, "A block is no dag-json value."),
        new("InvalidDagPb", ErrorCategory.InvalidData, "A block is no dag-pb node, or not in the one form that the codec allows."),
        new("InvalidHamt", ErrorCategory.InvalidData, "A shard of a directory is malformed."),
        new("InvalidInput", ErrorCategory.InvalidType, "An object is no data that a block can be made of."),
        new("InvalidKey", ErrorCategory.InvalidArgument, "A private key or seed cannot be read."),
        new("InvalidMultiaddr", ErrorCategory.InvalidArgument, "A text or object is not a multiaddr."),
        new("InvalidMultibase", ErrorCategory.InvalidArgument, "A text is not in the base that its first character names."),
        new("InvalidMultihash", ErrorCategory.InvalidArgument, "A multihash is malformed or not allowed for blocks."),
        new("InvalidOption", ErrorCategory.InvalidArgument, "An option is not known, or its value is out of range."),
        new("InvalidPath", ErrorCategory.InvalidArgument, "A text is no path into a graph."),
        new("InvalidPeerId", ErrorCategory.InvalidArgument, "A text or object is not a peer id."),
        new("InvalidRepository", ErrorCategory.InvalidData, "A folder is not a repository that a node can open."),
        new("InvalidStore", ErrorCategory.InvalidArgument, "A block store is not one that a node can use."),
        new("InvalidTrace", ErrorCategory.InvalidData, "A file is not a trace, or is torn."),
        new("InvalidUnixFs", ErrorCategory.InvalidData, "A block is no UnixFS entry, or contradicts itself."),
        new("InvalidVarint", ErrorCategory.InvalidData, "A number in binary data is malformed."),
        new("LimitExceeded", ErrorCategory.LimitsExceeded, "A limit of the host is reached."),
        new("ListenFailed", ErrorCategory.OpenError, "A listen address cannot be opened."),
        new("NameInUse", ErrorCategory.ResourceExists, "Another running node has the name."),
        new("NegotiationFailed", ErrorCategory.ProtocolError, "Two peers found no protocol in common."),
        new("NetworkClosed", ErrorCategory.InvalidOperation, "A node was to be started on a test network that has been disposed."),
        new("NodeStopped", ErrorCategory.InvalidOperation, "A node that has stopped was asked for something, or stopped while it was waited for."),
        new("NoNode", ErrorCategory.ObjectNotFound, "-Node was left out and no node runs, or none has the name."),
        new("NoPeerAddress", ErrorCategory.InvalidArgument, "A peer is not connected and no address is given to dial."),
        new("NotADirectory", ErrorCategory.InvalidType, "A directory was needed, and the entry is another thing."),
        new("NotAFile", ErrorCategory.InvalidType, "A file was needed, and the entry is another thing."),
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
        new("SaveFailed", ErrorCategory.WriteError, "The disk refused what was to be saved."),
        new("SaveInProgress", ErrorCategory.ResourceBusy, "The same thing is being saved to the same place already."),
        new("SeveralNodes", ErrorCategory.InvalidArgument, "-Node was left out and more than one node runs."),
        new("StoreCorrupt", ErrorCategory.InvalidData, "A stored block is torn; it is never served."),
        new("StoreFailed", ErrorCategory.WriteError, "A block store refused or failed to do its work."),
        new("StoreFull", ErrorCategory.LimitsExceeded, "A block store has no room left."),
        new("StoreLocked", ErrorCategory.ResourceBusy, "A repository is in use by another node."),
        new("StreamReset", ErrorCategory.ConnectionError, "A peer gave up a stream."),
        new("TargetExists", ErrorCategory.ResourceExists, "There is something where a file or folder is to be saved."),
        new("Timeout", ErrorCategory.OperationTimeout, "The time given was over before there was an answer."),
        new("TooManyWants", ErrorCategory.LimitsExceeded, "A node has as many wants as it may."),
        new("TraceFailed", ErrorCategory.WriteError, "A trace cannot be written to its file."),
        new("UnknownName", ErrorCategory.InvalidArgument, "A codec, hash function or base has a name that is not known."),
        new("UnsafeDestination", ErrorCategory.SecurityError, "Something in the destination would let a write leave it."),
        new("UnsafeLink", ErrorCategory.SecurityError, "A symlink would lead out of the destination."),
        new("UnsafeName", ErrorCategory.SecurityError, "A name cannot be a file name without reaching out of the destination, or not on every system."),
        new("UnsupportedAddress", ErrorCategory.NotImplemented, "A multiaddr is of a transport that is not spoken here."),
        new("UnsupportedCidVersion", ErrorCategory.InvalidArgument, "A CID cannot be written in the version that was asked for."),
        new("UnsupportedCodec", ErrorCategory.NotImplemented, "A block is of a codec that is not known here, or that is no file's."),
        new("UnsupportedHash", ErrorCategory.NotImplemented, "A hash function cannot be computed here."),
        new("UnsupportedProtocolVersion", ErrorCategory.InvalidArgument, "A Bitswap version is not one of those spoken."),
        new("WantCancelled", ErrorCategory.OperationStopped, "A want was cancelled while it was waited for."),
    ];

    // where the error itself does not know better; the cmdlets that these name exist
    private static readonly FrozenDictionary<string, string> _remedies = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["AddressInUse"] = "Choose another port, or 0 for any free one.",
        ["BlockNotFound"] = "Leave out -Local to ask the connected peers, or list what is stored with Get-BitswapBlock -Local.",
        ["BlockTooLarge"] = "Split the data into smaller blocks; -AllowBigBlock takes one that fits into a message, if the peers are known to take it.",
        ["BlockUnavailable"] = "Connect to a peer that has it with Connect-BitswapPeer, or wait for one with Start-BitswapWant.",
        ["CidRequired"] = "Give -Cid, or add -Local to list what is stored.",
        ["ConnectionClosed"] = "Connect to the peer again with Connect-BitswapPeer.",
        ["ContentTooLarge"] = "Take a part of it with -Offset and -Count, or save it with Save-BitswapFile.",
        ["DagLimitExceeded"] = "If the graph is to be trusted, raise the limit that the message names.",
        ["DialToSelf"] = "Give the address of another node.",
        ["HandshakeFailed"] = "Check that a libp2p peer listens at the address, and no other program.",
        ["HandshakeTimeout"] = "Try again, or allow more time with the option HandshakeTimeout.",
        ["IdentityMismatch"] = "Leave -PrivateKey and -Seed out to use the identity that the folder has, or choose another folder.",
        ["InvalidBlock"] = "Leave -Cid out to have it computed, or pass the data that belongs to it.",
        ["InvalidCar"] = "Fetch the file again. What was imported of it stays, so that only the rest is missing.",
        ["InvalidCid"] = "Give a CID such as bafkrei... or Qm..., in any multibase, or an /ipfs/ path.",
        ["InvalidDagCbor"] = "Whoever made the graph made it wrong; ask for it anew.",
        ["InvalidDagJson"] = "Whoever made the graph made it wrong; ask for it anew.",
        ["InvalidDagPb"] = "Whoever made the graph made it wrong; ask for it anew.",
        ["InvalidHamt"] = "Whoever made the graph made it wrong; ask for it anew.",
        ["InvalidInput"] = "Give a byte[], a string, a stream or a file.",
        ["InvalidKey"] = "Give libp2p's own form of an Ed25519 private key, as bytes or base64, or a text as -Seed.",
        ["InvalidMultiaddr"] = "Give an address such as /ip4/127.0.0.1/tcp/4001/p2p/12D3Koo....",
        ["InvalidMultibase"] = "Check the text for a typing mistake or a piece that is missing.",
        ["InvalidMultihash"] = "Check the value for a piece that is missing, and use a hash function that Tab completes.",
        ["InvalidOption"] = "Check the name and the range of the option; the message tells what is wrong with it.",
        ["InvalidPath"] = "Give cid/a/b, /ipfs/cid/a/b or ipfs://cid/a/b.",
        ["InvalidPeerId"] = "Give a peer id such as 12D3Koo... or Qm..., an address that ends with /p2p/ and one, or an object of Get-BitswapPeer.",
        ["InvalidRepository"] = "Choose an empty folder or one that Start-BitswapNode made. The blocks of a Kubo repository are served with -BlockStore.",
        ["InvalidStore"] = "Give 'Memory', a folder, or an object derived from [Bitswap.Blockstore]; a PowerShell class needs [NoRunspaceAffinity()].",
        ["InvalidTrace"] = "Give a file that Start-BitswapTrace wrote, whole.",
        ["InvalidUnixFs"] = "Whoever made the graph made it wrong; ask for it anew.",
        ["InvalidVarint"] = "Check that the data is whole and what it is said to be.",
        ["LimitExceeded"] = "Close what is not needed, with Disconnect-BitswapPeer or Stop-BitswapNode, or raise the limit with -Option of Start-BitswapNode.",
        ["ListenFailed"] = "Choose an address of this machine, and a port that you may open.",
        ["NameInUse"] = "Choose another name, or stop that node with Stop-BitswapNode.",
        ["NegotiationFailed"] = "Check that the peer speaks libp2p with Noise and yamux.",
        ["NetworkClosed"] = "Make another with New-BitswapTestNetwork.",
        ["NodeStopped"] = "Start another with Start-BitswapNode.",
        ["NoNode"] = "Start one with Start-BitswapNode, or see what runs with Get-BitswapNode.",
        ["NoPeerAddress"] = "Give its address, or connect to it with Connect-BitswapPeer first.",
        ["NotADirectory"] = "See what is there with Get-BitswapFile. Symlinks are not followed.",
        ["NotAFile"] = "See what is there with Get-BitswapFile.",
        ["NotOnNetwork"] = "Start the node with Start-BitswapNode -Network, and change its lines while it runs.",
        ["OutFileFailed"] = "Check that the folder exists, has room and may be written to.",
        ["OutFileTaken"] = "Name a folder that exists with -OutFile: each block becomes a file with its CID as name.",
        ["PathNotFound"] = "Check the path; -LiteralPath takes it as it is written.",
        ["PeerIdInUse"] = "Give each node an identity of its own.",
        ["PeerIdMismatch"] = "Ask the peer's owner for its present address; another peer answers at this one.",
        ["PeerUnreachable"] = "Check that the peer runs, that the address is right, and that no firewall stands between; see who is connected with Get-BitswapPeer.",
        ["PingTimeout"] = "Try again with Test-BitswapPeer, and allow more time with -TimeoutSeconds.",
        ["ProtocolNotSupported"] = "Connect to a peer that speaks Bitswap.",
        ["ProtocolViolation"] = "Connect to another peer: this one does not keep to the protocol.",
        ["ReadFailed"] = "Check that it exists and may be read.",
        ["SaveFailed"] = "Check that the folder exists, has room and may be written to; what has been saved is kept, and the next try goes on from there.",
        ["SaveInProgress"] = "Wait until the other save has ended.",
        ["SeveralNodes"] = "Say which with -Node.",
        ["StoreCorrupt"] = "Fetch the block again, or remove it with Remove-BitswapBlock.",
        ["StoreFailed"] = "Check the store's free space and permissions; in a store of your own, see the exception that it threw.",
        ["StoreFull"] = "Remove blocks with Remove-BitswapBlock, or use a larger store.",
        ["StoreLocked"] = "Stop the other node with Stop-BitswapNode, end its process, or choose another folder.",
        ["StreamReset"] = "Ask again.",
        ["TargetExists"] = "Give another -Destination or -Name, or replace the files that are there with -Force.",
        ["Timeout"] = "Allow more time with -TimeoutSeconds, or connect to a peer that has what is asked for.",
        ["TooManyWants"] = "Let wants end, stop some with Stop-BitswapWant, or raise the option MaxWants of Start-BitswapNode.",
        ["TraceFailed"] = "Check that the folder exists, has room and may be written to.",
        ["UnknownName"] = "Press Tab after the parameter to see the names.",
        ["UnsafeDestination"] = "Remove what is in the way, or give another -Destination.",
        ["UnsafeLink"] = "Save the other entries one by one.",
        ["UnsafeName"] = "Give it another -Name; inside a folder, save the other entries one by one. -AllowAnyName takes all names that this system holds.",
        ["UnsupportedAddress"] = "Use a TCP address such as /ip4/127.0.0.1/tcp/4001/p2p/12D3Koo....",
        ["UnsupportedCidVersion"] = "Version 0 is for dag-pb and sha2-256 alone; use version 1.",
        ["UnsupportedCodec"] = "Fetch the block itself with Get-BitswapBlock; only raw and dag-pb blocks are files and directories.",
        ["UnsupportedHash"] = "Use one of the hash functions that Tab completes.",
        ["UnsupportedProtocolVersion"] = "Use 1.2.0, 1.1.0, 1.0.0 or Unversioned.",
        ["WantCancelled"] = "Ask for the block again if it is still needed.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, ErrorKind> _byId = All.ToFrozenDictionary(kind => kind.Id, StringComparer.Ordinal);

    /// <summary>The entry of an id.</summary>
    public static ErrorKind Find(string id) => _byId.GetValueOrDefault(id, _unlisted);

    /// <summary>What to do about an error of an id, in general.</summary>
    public static string RemedyOf(string id) => _remedies.GetValueOrDefault(id, "Read the message, and report it together with what was done before.");

    /// <summary>Whether a remedy is written for an id.</summary>
    public static bool HasRemedy(string id) => _remedies.ContainsKey(id);

    /// <summary>Whether the table names an id.</summary>
    public static bool Contains(string id) => _byId.ContainsKey(id);
}
