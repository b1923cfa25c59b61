<#
.SYNOPSIS
    Defines a block store that keeps each block in a file named by its hash. Dot-source this file after you import the module.
.EXAMPLE
    Import-Module Bitswap
    . ./FolderStore.ps1
    Start-BitswapNode -BlockStore ([FolderStore]::new('/srv/blocks'))
#>

#region README
[NoRunspaceAffinity()]
class FolderStore : Bitswap.Blockstore {
    [string] $Folder
    FolderStore([string] $folder) { $this.Folder = $folder }

    [string] PathOf([Bitswap.Cid] $cid) { return [IO.Path]::Combine($this.Folder, "$($cid.Hash)") }

    [byte[]] GetBlock([Bitswap.Cid] $cid) {
        if (-not [IO.File]::Exists($this.PathOf($cid))) { return $null }
        return [IO.File]::ReadAllBytes($this.PathOf($cid))
    }

    [void] PutBlock([Bitswap.Cid] $cid, [byte[]] $data) { [IO.File]::WriteAllBytes($this.PathOf($cid), $data) }

    [bool] RemoveBlock([Bitswap.Cid] $cid) {
        $there = [IO.File]::Exists($this.PathOf($cid))
        [IO.File]::Delete($this.PathOf($cid))
        return $there
    }

    [Collections.Generic.IEnumerable[Bitswap.Cid]] ListBlocks() {
        $list = [Collections.Generic.List[Bitswap.Cid]]::new()
        foreach ($file in [IO.Directory]::GetFiles($this.Folder)) {
            $hash = [Bitswap.Multihash]::FromBytes([Convert]::FromHexString([IO.Path]::GetFileName($file)))
            $list.Add([Bitswap.Cid]::CreateV1(0x55, $hash))
        }

        return $list
    }
}
#endregion
