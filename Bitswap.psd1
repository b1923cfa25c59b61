@{
    RootModule           = 'bin/Bitswap/Bitswap.psm1'
    ModuleVersion        = '0.1.0'
    CompatiblePSEditions = @('Core')
    GUID                 = 'b1c5e1d2-6d0b-4f0e-9c61-6a1f7f1f0b52'
    Author               = 'Bitswap for PowerShell contributors'
    CompanyName          = 'Bitswap for PowerShell contributors'
    Copyright            = 'Copyright (c) Bitswap for PowerShell contributors'
    Description          = 'Exchanges blocks of content-addressed data with IPFS peers, and between PowerShell sessions: a libp2p host and a Bitswap engine inside the PowerShell process.'
    PowerShellVersion    = '7.6'
    FormatsToProcess     = @('bin/Bitswap/Bitswap.Format.ps1xml')
    FunctionsToExport    = @()
    CmdletsToExport      = @(
        'Add-BitswapBlock'
        'Add-BitswapFile'
        'Add-BitswapPin'
        'Clear-BitswapStore'
        'Connect-BitswapPeer'
        'Disconnect-BitswapPeer'
        'Export-BitswapCar'
        'Find-BitswapPeer'
        'Find-BitswapProvider'
        'Get-BitswapBlock'
        'Get-BitswapCid'
        'Get-BitswapContent'
        'Get-BitswapFile'
        'Get-BitswapKey'
        'Get-BitswapLedger'
        'Get-BitswapLink'
        'Get-BitswapNode'
        'Get-BitswapPeer'
        'Get-BitswapPin'
        'Get-BitswapStat'
        'Get-BitswapTrace'
        'Get-BitswapWantlist'
        'Import-BitswapCar'
        'New-BitswapKey'
        'New-BitswapTestNetwork'
        'Publish-BitswapName'
        'Publish-BitswapProvider'
        'Remove-BitswapBlock'
        'Remove-BitswapFile'
        'Remove-BitswapKey'
        'Remove-BitswapPin'
        'Resolve-BitswapName'
        'Save-BitswapFile'
        'Set-BitswapNode'
        'Show-BitswapDag'
        'Show-BitswapNode'
        'Start-BitswapNode'
        'Start-BitswapTrace'
        'Start-BitswapWant'
        'Stop-BitswapNode'
        'Stop-BitswapTrace'
        'Stop-BitswapWant'
        'Test-BitswapBlock'
        'Test-BitswapDag'
        'Test-BitswapPeer'
        'Wait-BitswapNode'
        'Wait-BitswapWant'
    )
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags         = @('IPFS', 'libp2p', 'Bitswap', 'content-addressing', 'peer-to-peer', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            LicenseUri   = 'https://licenses.nuget.org/MIT'
            ReleaseNotes = 'See docs/CHANGELOG.md in the package.'
        }
    }
}
