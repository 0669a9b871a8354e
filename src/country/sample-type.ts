/** `database_type` of the sample: `status` and the log tell by it that it is only a sample. */
export const SAMPLE_TYPE = 'ipcountry-Sample';
