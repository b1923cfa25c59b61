<#
.SYNOPSIS
    Passes the output of a CI job to another job by its CID.
.DESCRIPTION
    With -Output, the script adds the output of the first job to a repository folder, which the runner can cache, and returns its CID. With -Cid, it
    saves the output in the second job. It reads blocks from the folder, and fetches the blocks that are not there from the peer of -Address.
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
        # the job that builds the output
        $node = Start-BitswapNode -Path $Repository
        "$((Add-BitswapFile -LiteralPath $Output -Recurse -Node $node).Cid)"
        #endregion
    }
    else {
        #region README
        # the job that needs the output: from the cached folder, or from a peer that has it
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
