using System.Runtime.CompilerServices;
using Bitswap;
using Bitswap.Node.Blockstores;

// PowerShell looks for [X] in the imported assembly, and these live below it.
[assembly: TypeForwardedTo(typeof(Cid))]
[assembly: TypeForwardedTo(typeof(Multihash))]
[assembly: TypeForwardedTo(typeof(Multiaddr))]
[assembly: TypeForwardedTo(typeof(MultiaddrComponent))]
[assembly: TypeForwardedTo(typeof(MultiaddrHostKind))]
[assembly: TypeForwardedTo(typeof(PeerId))]
[assembly: TypeForwardedTo(typeof(BinaryForms))]
[assembly: TypeForwardedTo(typeof(IBlockstore))]
[assembly: TypeForwardedTo(typeof(Blockstore))]
[assembly: TypeForwardedTo(typeof(StoredBlock))]
[assembly: TypeForwardedTo(typeof(BitswapException))]
[assembly: TypeForwardedTo(typeof(BitswapPeerAnswer))]
[assembly: TypeForwardedTo(typeof(BlockUnavailableException))]
[assembly: TypeForwardedTo(typeof(FlatFileBlockstore))]
[assembly: TypeForwardedTo(typeof(FlatFileOptions))]
[assembly: TypeForwardedTo(typeof(MemoryBlockstore))]
