<#
.SYNOPSIS
    Hands the output of one CI job to another, by its CID.
.DESCRIPTION
    With -Output, what the first job does: the output goes into a repository folder, which the runner may cache, and its CID is printed. With
    -Cid, what the second does: the output is saved again, from the folder as far as it is there, else from the peer.
.EXAMPLE
    $cid = ./Artifact.ps1 -Repository ./cache -Output ./out
    ./Artifact.ps1 -Repository ./cache -Cid $cid -Destination ./restored
#>
[CmdletBinding(DefaultParameterSetName = 'Keep')]
param(
    [Parameter(Mandatory)]
    [string] $Repository,

    [Parameter(Mandatory, ParameterSetName = 'Keep')]
    [string] $Output,

    [Parameter(Mandatory, ParameterSetName = 'Restore')]
    [string] $Cid,

    [Parameter(Mandatory, ParameterSetName = 'Restore')]
    [string] $Destination,

    [Parameter(ParameterSetName = 'Restore')]
    [string] $Address
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')

$node = $null
try {
    if ($Output) {
        #region README
        # the job that builds
        $node = Start-BitswapNode -Path $Repository
        "$((Add-BitswapFile -LiteralPath $Output -Recurse -Node $node).Cid)"
        #endregion
    }
    else {
        #region README
        # the job that needs it: from the cached folder, or from a peer that has it
        $node = Start-BitswapNode -Path $Repository
        if ($Address) { $null = Connect-BitswapPeer $Address -Node $node }
        $full = $PSCmdlet.GetUnresolvedProviderPathFromPSPath($Destination)
        Save-BitswapFile $Cid (Split-Path $full) -Name (Split-Path -Leaf $full) -Node $node
        #endregion
    }
}
finally {
    if ($node) { Stop-BitswapNode $node }
}
